// SPDX-License-Identifier: Apache-2.0

package text

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Duration writes a duration to tenths of a second below ten seconds ("0.4 s"), to seconds below an hour ("35 s", "2m10s"), and to
// minutes above ("1h20m").
func Duration(d time.Duration) string {
	switch {
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 59500*time.Millisecond:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return d.Round(time.Second).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}

// Number writes a number to three digits, and from 1,000 on as a whole one: "2.5", "189", "1,890".
func Number(x float64) string {
	if math.Abs(x) >= 999.5 && math.Abs(x) < math.MaxInt64 {
		return Thousands(int64(math.Round(x)))
	}
	return fmt.Sprintf("%.3g", x)
}

// Minus gives a number that is written out the minus sign of print.
func Minus(number string) string { return strings.Replace(number, "-", "−", 1) }

// Bytes writes a number of bytes to three digits: "512 bytes", "25.3 MB", "13.1 GB".
func Bytes(n int64) string {
	for _, unit := range []struct {
		name string
		size float64
	}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		if x := float64(n) / unit.size; x >= 0.9995 {
			return Number(x) + " " + unit.name
		}
	}
	return Count(int(n), "byte")
}
