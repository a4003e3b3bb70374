// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/results"
)

// TestSettings: VSIM_SET reaches every recipe, before the changes of a cell, and gives its runs a folder of their own, whatever the
// order of the settings.
func TestSettings(t *testing.T) {
	settle(t)
	t.Setenv("VSIM_RUNS", "")
	t.Setenv("VSIM_SET", "pretrain.epochs=9  finetune.split=strict pretrain.epochs=3")
	w, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	if want := "finetune.split=strict pretrain.epochs=3"; w.Set != want {
		t.Errorf("settings %q, want %q", w.Set, want)
	}
	if got := filepath.Base(w.Runs); got != "tiny,finetune.split=strict,pretrain.epochs=3" {
		t.Errorf("runs in %s", got)
	}
	for i, set := range [][]string{nil, {"pretrain.epochs=5"}} {
		r, err := w.Recipe(2, set...)
		if err != nil || r.Pretrain.Epochs != []int{3, 5}[i] || r.Finetune.Split != "strict" || r.Model.Layout != "frames_first" {
			t.Errorf("%v: %+v, %v", set, r, err)
		}
	}
	if _, err := w.Recipe(2, "pretrain.epochs=-1"); err == nil {
		t.Error("a recipe that is not valid")
	}
	if _, err := w.Recipe(7); err == nil {
		t.Error("a seventh member")
	}
	again, err := Of(func(name string) string {
		for _, entry := range w.Env() {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return ""
	})
	if err != nil || again != w {
		t.Errorf("by its own environment %+v, %v, want %+v", again, err, w)
	}
	for set, want := range map[string]string{"pretrain.epoch=3": `VSIM_SET: setting "pretrain.epoch=3"`, "x": "section.name=value"} {
		t.Setenv("VSIM_SET", set)
		if _, err := Open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s in it", set, err, want)
		}
	}
}

// TestSettingsFolder: a setting that no name of a folder can have, or too many of them, still have a folder of their own.
func TestSettingsFolder(t *testing.T) {
	long := strings.Repeat("pretrain.epochs=3 ", 10)
	seen := map[string]bool{}
	for _, set := range []string{"", "a.b=[1,2]", "a.b=[1;2]", "a.b=../../x", long + "1", long + "2"} {
		name := Workspace{Scale: "tiny", Set: set}.folder()
		if seen[name] || name != filepath.Base(name) || len(name) > 150 || strings.HasPrefix(name, ".") {
			t.Errorf("%q: the folder %q", set, name)
		}
		seen[name] = true
	}
}

// TestStudyOfSettings: where settings are changed, the committed table belongs to a different study.
func TestStudyOfSettings(t *testing.T) {
	w := settle(t)
	w.Root = t.TempDir()
	dir := filepath.Join(w.Root, "data", "results")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := jsonfile.Write(filepath.Join(dir, "study-tasks.json"), results.Table{Study: "tasks"}); err != nil {
		t.Fatal(err)
	}
	if table, _, err := w.StudyTable("tasks"); err != nil || table == nil {
		t.Errorf("the committed table: %v, %v", table, err)
	}
	w.Set = "pretrain.epochs=3"
	if table, _, err := w.StudyTable("tasks"); err != nil || table != nil || !slices.Equal(w.Settings(), []string{w.Set}) {
		t.Errorf("with settings: %v, %v", table, err)
	}
}
