// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestParseStat(t *testing.T) {
	for line, want := range map[string]process{
		"12 (go) S 3 12": {12, 3, "go"}, "7 (a) b) (c) R 1 0": {7, 1, "a) b) (c"}, "": {},
		"12 go S 3": {}, "12 )go( S 3": {}, "x (go) S 3": {}, "12 (go) S": {},
	} {
		if got, ok := parseStat(line); ok != (want.pid != 0) || ok && got != want {
			t.Errorf("%q: %+v, %t, want %+v", line, got, ok, want)
		}
	}
}
