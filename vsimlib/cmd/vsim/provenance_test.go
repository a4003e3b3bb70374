// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/plugin"
	"vsim/vsimlib/run"
)

// TestTwoBackends: what one backend computed is not taken for another's, not in a run directory, not among shards and not in a
// study, unless that is asked for; then the result says so.
func TestTwoBackends(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles on XLA:CPU; package work has two backends of its own")
	}
	onCPU(t)
	file := plugin.Path()
	if file == "" {
		t.Skip("the pinned XLA:CPU plugin is not for this platform")
	}
	cpu := func() { t.Setenv("GOMLX_BACKEND", "xla:"+file) }
	pure := func() { t.Setenv("GOMLX_BACKEND", "go") }
	dir := t.TempDir()
	out := filepath.Join(dir, "run")
	train := []string{"pretrain", "--corpus", emojiDir, "--recipe", "tiny", "--set", "pretrain.epochs=0", "--out", out}
	pure()
	vsim(t, append(slices.Clone(train), "--json")...).ended(exitDone).has("provenance")
	cpu()
	vsim(t, train...).failed(exitFailed, out, "was computed with the backend go, not cpu", "--mix-backends", "--force")
	vsim(t, append(slices.Clone(train), "--mix-backends")...).ended(exitDone)

	first, second := filepath.Join(dir, "1"), filepath.Join(dir, "2")
	embed := []string{"embed", "--model", run.Dir(out).Model(), "--records", filepath.Join(emojiDir, "test_a", "test_a.tfrecords")}
	vsim(t, append(embed, "--shard", "1/2", "--out", first)...).ended(exitDone)
	pure()
	vsim(t, append(embed, "--shard", "2/2", "--out", second)...).ended(exitDone)
	merge := []string{"embed", "--merge", first, second, "--out", filepath.Join(dir, "e")}
	vsim(t, merge...).failed(exitFailed, first, "was computed with the backend cpu, not go as in "+second)
	if v := vsim(t, append(merge, "--mix-backends", "--json")...).ended(exitDone).object(); v["mixed"] != "the backend: cpu and go" {
		t.Errorf("%v", v)
	}

	plan := func(more ...string) string {
		args := append([]string{"study", "labels", "--scale", "tiny", "--seeds", "1", "--runs", dir, "--plan"}, more...)
		out := vsim(t, args...).ended(exitDone).out
		_, tasks, _ := strings.Cut(out, "\n") // the first line is the corpus, which they share
		tasks, count, found := strings.Cut(tasks, "\n6 tasks, ")
		if !found || strings.Count(count, "\n") != 1 {
			t.Errorf("the plan does not end with the number of its tasks: %s", out)
		}
		return tasks
	}
	onGo := plan()
	cpu()
	onCPU := plan()
	for _, c := range []struct{ a, b string }{{onGo, onCPU}, {onGo, plan("--mix-backends")}, {onCPU, plan("--backend", "cuda")}} {
		for line := range strings.Lines(c.a) {
			if key, _, _ := strings.Cut(line, " "); strings.Contains(c.b, key) {
				t.Errorf("two backends share the task %s of\n%s", key, c.a)
			}
		}
	}
	if again := plan("--backend", "go"); again != onGo {
		t.Errorf("planned for go\n%s, want\n%s", again, onGo)
	}
}
