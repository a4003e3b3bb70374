// SPDX-License-Identifier: Apache-2.0

package score

import (
	"fmt"
	"testing"
)

func TestSubsets(t *testing.T) {
	if got, want := fmt.Sprint(Subsets(3)), "[[0] [1] [2] [0 1] [0 2] [1 2] [0 1 2]]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if n := len(Subsets(6)); n != 63 {
		t.Errorf("%d subsets of six", n)
	}
}
