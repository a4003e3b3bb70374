// SPDX-License-Identifier: Apache-2.0

package competition

import (
	"slices"
	"testing"
)

// TestNames: no list has a name twice, and a caller that changes one changes no other's.
func TestNames(t *testing.T) {
	for _, list := range []func() []string{Parts, Splits, Layouts, Scales} {
		names := list()
		if sorted := slices.Sorted(slices.Values(names)); len(slices.Compact(sorted)) != len(names) {
			t.Errorf("a duplicate in %q", names)
		}
		first := names[0]
		names[0] = "changed"
		if list()[0] != first {
			t.Errorf("the list of %q is shared", first)
		}
	}
	if got := append(Training(), Tests()...); !slices.Equal(got, Parts()) {
		t.Errorf("training and test parts are %q, all parts %q", got, Parts())
	}
}
