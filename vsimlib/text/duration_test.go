// SPDX-License-Identifier: Apache-2.0

package text

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		400 * time.Millisecond: "0.4 s", 1234 * time.Millisecond: "1.2 s",
		9949 * time.Millisecond: "9.9 s", 9950 * time.Millisecond: "10 s",
		35 * time.Second: "35 s", 59900 * time.Millisecond: "1m0s", 130 * time.Second: "2m10s",
		3*time.Hour + 59*time.Minute + 31*time.Second: "4h0m", 80 * time.Minute: "1h20m",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v becomes %s, want %s", d, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 0.0123: "0.0123", 2: "2", 12.34: "12.3", 189.2: "189", 999.4: "999",
		999.5:  "1,000",
		1890.4: "1,890", 1234567: "1,234,567", -1500: "-1,500"} {
		if got := Number(x); got != want {
			t.Errorf("%g becomes %s, want %s", x, got, want)
		}
	}
}

func TestMinus(t *testing.T) {
	for s, want := range map[string]string{"-4": "−4", "4": "4", "-0.0030": "−0.0030", "+1": "+1"} {
		if got := Minus(s); got != want {
			t.Errorf("%s becomes %s, want %s", s, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1 kB", 999_499: "999 kB",
		999_999:    "1 MB",
		25_340_000: "25.3 MB", 174_000_000: "174 MB", 13_100_000_000: "13.1 GB", 2_500_000_000_000: "2,500 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d becomes %s, want %s", n, got, want)
		}
	}
}
