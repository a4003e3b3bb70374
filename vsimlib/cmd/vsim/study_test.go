// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// studyArgs are those of the smallest study, on the pure Go backend, which compiles at once.
func studyArgs(t *testing.T, name, runs string, more ...string) []string {
	t.Helper()
	t.Setenv("GOMLX_BACKEND", "go")
	args := []string{"study", name, "--corpus", "emoji", "--runs", runs, "--seeds", "1,2"}
	for _, set := range []string{"model.hidden_size=4", "model.num_attention_heads=1", "model.intermediate_size=4",
		"model.embedding_dim=4", "model.max_frames=1", "model.max_text=5",
		"pretrain.epochs=0", "pretrain.val_videos=0", "finetune.epochs=0"} {
		args = append(args, "--set", set)
	}
	return append(args, more...)
}

// TestStudy runs the smallest study to its files; a second call finds it done, a task by itself too.
func TestStudy(t *testing.T) {
	if testing.Short() {
		t.Skip("embeds hundreds of videos on the Go backend")
	}
	runs, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	args := studyArgs(t, "labels", runs, "--out", out)
	plan := vsim(t, append(args, "--plan", "--json")...).ended(exitDone).object()["tasks"].([]any)
	if len(plan) != 2*5 || plan[0].(map[string]any)["done"] != false {
		t.Fatalf("plan %v", plan)
	}
	first := plan[0].(map[string]any)["task"].(string)
	vsim(t, append(args, "--task", plan[1].(map[string]any)["task"].(string))...).failed(exitFailed, "is not done", first)
	vsim(t, append(args, "--task", first)...).ended(exitDone)
	o := vsim(t, append(args, "--json")...).ended(exitDone)
	v := o.has("runs", "table", "figures")
	if v["runs"] != 10. || len(v["figures"].([]any)) != 1 || v["failed"] != 0. || !strings.Contains(o.stderr, "10 of 10 tasks") {
		t.Errorf("%v, stderr %s", v, o.stderr)
	}
	for _, name := range []string{"table.json", "table.md", "scores.csv", "labels-cells.png", "labels-cells.svg", "labels-cells.csv"} {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || strings.Contains(string(data), runs) {
			t.Errorf("%s: %v, or it names a place", name, err)
		}
	}
	before := snapshot(t, out)
	if o := vsim(t, args...).ended(exitDone); !strings.Contains(o.out, "| rank-normalised |") || !sameFiles(before, snapshot(t, out)) {
		t.Errorf("another table, or stdout %s", o.out)
	}
	vsim(t, studyArgs(t, "pooling", runs, "--out", out)...).failed(exitFailed, "has the table of study labels at scale tiny", "--out")
	if !sameFiles(before, snapshot(t, out)) {
		t.Error("the table of another study was replaced")
	}
	t.Setenv("GOMLX_BACKEND", "go:nonsense") // cannot be opened, and is not where nothing is left to compute
	vsim(t, args...).ended(exitDone)
	vsim(t, append(args, "--set", "finetune.batch=3")...).failed(exitFailed, "nonsense")
}

// TestStudyInterrupted ends with 130 after SIGINT, with what was done saved, and then goes on.
func TestStudyInterrupted(t *testing.T) {
	runs := t.TempDir()
	args := studyArgs(t, "labels", runs, "--set", "pretrain.epochs=1", "--set", "pretrain.checkpoint_every=0")
	s := start(t, args...)
	var logs []string
	for deadline := time.Now().Add(time.Minute); len(logs) == 0; time.Sleep(5 * time.Millisecond) {
		logs, _ = filepath.Glob(filepath.Join(runs, "study", "pretrain-*", "run", "metrics.jsonl"))
		if time.Now().After(deadline) {
			t.Fatalf("nothing trains; stderr: %s", s.stderr.String())
		}
	}
	s.reach(filepath.Dir(logs[0]), 2)
	if code := s.send(syscall.SIGINT); code != 130 || !strings.Contains(s.stderr.String(), "vsim: pretrain: ") ||
		!strings.Contains(s.stderr.String(), "stopped") {
		t.Fatalf("exit code %d, stderr %s", code, s.stderr.String())
	}
	if saved, _ := filepath.Glob(filepath.Join(filepath.Dir(logs[0]), "checkpoints", "step-*")); len(saved) == 0 {
		t.Error("nothing was saved")
	}
	vsim(t, append(args, "--plan")...).ended(exitDone)
}

// TestStudyFails writes the table where cells failed, and ends with 1 and one line that counts them.
func TestStudyFails(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	o := vsim(t, append(studyArgs(t, "labels", t.TempDir(), "--out", out), "--set", "model.frame_dim=3")...).ended(exitFailed)
	if !strings.Contains(o.stderr, "vsim: study: 2 cells of 2 failed; ") || !strings.Contains(o.stderr, "model.frame_dim") {
		t.Errorf("stderr %s", o.stderr)
	}
	if data, err := os.ReadFile(filepath.Join(out, "table.md")); err != nil ||
		!strings.Contains(string(data), "Failed: raw, seed 2, pretrain: ") {
		t.Errorf("%v: %s", err, data)
	}
}

func TestStudyUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"study", "loss-weight"}, []string{`"loss-weight"`, "loss-weights"}},
		{[]string{"study"}, []string{"NAME is missing"}},
		{[]string{"study", "tasks", "--scale", "big"}, []string{`"big"`, "demo"}},
		{[]string{"study", "tasks", "--set", "pretrain.epoch=3"}, []string{"--set", "pretrain.epochs"}},
		{[]string{"study", "tasks", "--jobs", "0"}, []string{"--jobs"}},
		{[]string{"study", "tasks", "--on", "cloud"}, []string{`"cloud"`, "local"}},
		{[]string{"study", "tasks", "--task", "nothing"}, []string{"--task", "nothing"}},
		{[]string{"study", "tasks", "--seeds", "1,x"}, []string{"seeds"}},
	} {
		here(t, c.args...).failed(exitUsage, c.want...)
	}
	vsim(t, "study", "tasks", "--corpus", filepath.Join(t.TempDir(), "none")).failed(exitFailed, "none")
}
