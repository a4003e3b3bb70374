// SPDX-License-Identifier: Apache-2.0

package text

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1234 * time.Millisecond: "1.2s", 59900 * time.Millisecond: "1m0s", 3*time.Hour + 59*time.Minute + 31*time.Second: "4h0m",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v becomes %s, want %s", d, got, want)
		}
	}
}
