// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runs/runstest"
)

// TestRuns shows the runs of the workspace and of other folders, and compares two.
func TestRuns(t *testing.T) {
	w := settle(t)
	if _, err := Runs(); err == nil || !strings.Contains(err.Error(), w.Runs) {
		t.Errorf("no runs yet: %v", err)
	}
	if err := os.CopyFS(filepath.Join(w.Runs, "member1"), os.DirFS(runstest.Folder(t))); err != nil {
		t.Fatal(err)
	}
	view, err := Runs()
	if err != nil {
		t.Fatal(err)
	}
	rows := view[0].(tableView).Rows
	if len(rows) != 3 || rows[1][0].Text != "member1/pretrain" || !strings.HasPrefix(string(view[1].(valueView)), "3 runs: 2 done") {
		t.Errorf("%v", view)
	}
	if view, err = Runs(w.Runs, runstest.Folder(t)); err != nil || len(view[0].(tableView).Rows) != 6 {
		t.Errorf("%v, %v", view, err)
	}
	view, err = Compare(Run("member1", "pretrain"), run.Dir(filepath.Join(w.Runs, "member1", runstest.Stopped)))
	if err != nil {
		t.Fatal(err)
	}
	// Without a caption, which has nothing to say.
	if table := view[0].(tableView); table.Rows[0][0].Text != "pretrain.seed" || len(view) != 3 {
		t.Errorf("%v", view)
	}
	same := filepath.Join(w.Runs, "same")
	if err := os.CopyFS(same, os.DirFS(string(Run("member1", "pretrain")))); err != nil {
		t.Fatal(err)
	}
	view, err = Compare(Run("member1", "pretrain"), run.Dir(same))
	if err != nil || len(view) != 4 || !strings.HasPrefix(string(view[2].(valueView)), "No setting differs") {
		t.Errorf("a run and its copy: %v, %v", view, err)
	}
	if !jsonfile.Exists(filepath.Join(w.Figures, "runs_member1_stopped.svg")) {
		entries, _ := os.ReadDir(w.Figures)
		t.Errorf("the figure is not in %v", entries)
	}
}
