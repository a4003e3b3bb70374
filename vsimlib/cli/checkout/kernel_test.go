// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/provenance"
	"vsim/vsimlib/workspace/rendered"
)

// TestCellEnv: cells know when their kernel started, also where another kernel started the front end.
func TestCellEnv(t *testing.T) {
	now := time.Now().Add(-90 * time.Second)
	base := []string{"HOME=/x", rendered.Start + "=1", "PATH=" + os.Getenv("PATH")}
	env := cellEnv(t.TempDir(), filepath.Join("go", "bin"), base, now)
	start := ""
	for _, entry := range env { // as in a child process, the last counts
		if value, ok := strings.CutPrefix(entry, rendered.Start+"="); ok {
			start = value
		}
	}
	if n := rendered.Now(provenance.Machine{}, start, now.Add(90*time.Second)); n.Seconds != "90" {
		t.Errorf("%+v, started at %q", n, start)
	}
}
