// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/atomicfile/atomicfiletest"
	"vsim/vsimlib/run"
)

// TestRunLasts: what a power cut could leave of a run can be continued, or is the whole run. The lines of the log are synced before
// the checkpoint of their steps has its name, and all that the manifest lists before the manifest.
func TestRunLasts(t *testing.T) {
	disk := atomicfiletest.Watch(t)
	o := goOptions(t, "pretrain.epochs=1", "finetune.epochs=1", "pretrain.checkpoint_every=5", "finetune.checkpoint_every=5")
	o.Out = filepath.Join(t.TempDir(), "new", "run")
	saved, marked := 0, 0
	disk.Renamed = func(_, to string) {
		dir := run.Dir(o.Out)
		name, _ := filepath.Rel(o.Out, to)
		switch {
		case strings.HasPrefix(name, "checkpoints/step-"):
			saved++
			var step int
			if _, err := fmt.Sscanf(name, "checkpoints/step-%d", &step); err != nil {
				t.Error(err)
			}
			if lines := bytes.Count(disk.Lasts(dir.Metrics()), []byte(`"loss":`)); lines < step { // training goes on meanwhile
				t.Errorf("%s has its name, and a power cut leaves the lines of %d steps", name, lines)
			}
			for _, path := range []string{dir.Recipe(), dir.Identity()} {
				if lost := disk.Lost(path); len(lost) > 0 {
					t.Errorf("%s has its name, and a power cut takes %q", name, lost)
				}
			}
		case name == "vsim.json":
			if marked++; marked == 1 { // the bare marker comes first
				return
			}
			for _, path := range []string{dir.Metrics(), dir.Result(), dir.Model(), dir.Recipe(), dir.Identity()} {
				if lost := disk.Lost(path); len(lost) > 0 {
					t.Errorf("the manifest has its name, and a power cut takes %q", lost)
				}
			}
		}
	}
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		if lost := disk.Lost(filepath.Dir(o.Out)); len(lost) > 0 || saved < 2 || marked != 2 {
			t.Errorf("a power cut takes %q; %d checkpoints, %d markers", lost, saved, marked)
		}
	}
	check()
	o.Init, o.Out = pre.Model, filepath.Join(t.TempDir(), "new", "fine")
	saved, marked = 0, 0
	if _, err := Finetune(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	check()
}
