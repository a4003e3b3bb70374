// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"strings"
	"testing"
)

// FuzzPeer: what a peer prints is a positive speed or one line of error.
func FuzzPeer(f *testing.F) {
	for _, s := range []string{"", "{}", `{"videos_per_s": 12.5}`, "x\n{\"videos_per_s\": -1}\n", `{"videos_per_s": 1e999}`,
		"\x1b[2J"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, out string) {
		speed, err := peerSpeed(out)
		if err != nil && strings.ContainsAny(err.Error(), "\n\r\x1b") || err == nil && !(speed > 0) {
			t.Errorf("%q: %g, %v", out, speed, err)
		}
	})
}
