// SPDX-License-Identifier: Apache-2.0

package text

import (
	"strings"
	"time"
)

// Duration writes a duration to tenths of a second below ten seconds, to seconds below an hour, and to minutes above.
func Duration(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d < time.Hour:
		return d.Round(time.Second).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}
