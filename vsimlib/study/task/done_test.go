// SPDX-License-Identifier: Apache-2.0

package task

import (
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/run"
)

// TestDamagedLines: what is damaged of a task and of its run is named in a line each, however much it is.
func TestDamagedLines(t *testing.T) {
	task := &Task{Kind: Pretrain, Dir: t.TempDir()}
	names := []string{"identity.json", "metrics.jsonl", "recipe.json", "result.json"}
	for _, name := range names {
		filetest.Write(t, filepath.Join(string(task.Run()), name), name)
	}
	files, err := manifest.HashAll(string(task.Run()), names...)
	if err != nil {
		t.Fatal(err)
	}
	if err := manifest.Write(string(task.Run()), run.Kind, files); err != nil {
		t.Fatal(err)
	}
	if err := task.Finish(Result{}); err != nil {
		t.Fatal(err)
	}
	if !task.Done() || len(task.Damaged()) > 0 {
		t.Fatalf("not done: %q", task.Damaged())
	}
	damaged := []string{filepath.Join(task.Dir, "result.json")}
	for _, name := range names {
		damaged = append(damaged, filepath.Join(string(task.Run()), name))
	}
	for _, path := range damaged {
		filetest.Write(t, path, "")
	}
	lines := task.Damaged()
	if task.Done() || len(lines) != len(damaged) {
		t.Fatalf("%d lines for %d files: %q", len(lines), len(damaged), lines)
	}
	for i, path := range damaged {
		if !strings.HasPrefix(lines[i], path+": has 0 bytes") || strings.Contains(lines[i], "\n") {
			t.Errorf("%q, want %s", lines[i], path)
		}
	}
}
