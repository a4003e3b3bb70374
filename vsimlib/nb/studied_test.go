// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/study/work"
)

// TestStanding: the line of progress has the forecast until the time left is known, and not at the end.
func TestStanding(t *testing.T) {
	f := work.Forecast{Tasks: 6, Left: 4 * time.Minute, Guess: true}
	const guess = "about 4 minutes (a guess: few such tasks were done here before)"
	for want, s := range map[string]work.Standing{
		guess + ", 0 of 6 tasks, a":  {Tasks: 6, At: "a"},
		"2m0s left, 1 of 6 tasks, a": {Tasks: 6, Done: 1, Left: 2 * time.Minute, At: "a"},
		"5 of 6 tasks, 1 failed, a":  {Tasks: 6, Done: 5, Failed: 1, At: "a"},
	} {
		if got := strings.Join(standing(s, f).Parts(), ", "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
