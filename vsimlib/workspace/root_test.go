// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"strings"
	"testing"
)

// TestOpenElsewhere: a notebook that runs in another folder says what to set.
func TestOpenElsewhere(t *testing.T) {
	t.Setenv("VSIM_ROOT", "")
	t.Chdir(t.TempDir())
	if _, err := Open(); err == nil || !strings.Contains(err.Error(), "set VSIM_ROOT to the checkout") {
		t.Errorf("error %v", err)
	}
}
