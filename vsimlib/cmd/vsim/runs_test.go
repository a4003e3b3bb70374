// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/runs/runstest"
)

func TestRunsList(t *testing.T) {
	dir := runstest.Folder(t)
	o := vsim(t, "runs", dir).ended(exitDone)
	for _, text := range []string{"stopped at step 2", "val_spearman", "(released)", "3 runs: 2 done, 1 stopped",
		"tiny epochs=2 batch=32 seed=9"} {
		if !strings.Contains(o.out, text) {
			t.Errorf("no %q in\n%s", text, o.out)
		}
	}
	list := vsim(t, "runs", "list", dir, "--state", "stopped,died", "--json").ended(exitDone).has("dir", "runs", "passed_over")["runs"]
	one := list.([]any)[0].(map[string]any)
	for _, key := range []string{"dir", "stage", "state", "step", "steps", "scores", "settings", "bytes"} {
		if _, ok := one[key]; !ok {
			t.Errorf("no key %q in %v", key, one)
		}
	}
	if len(list.([]any)) != 1 || one["state"] != "stopped" || one["step"] != 2. || one["dir"] != filepath.Join(dir, runstest.Stopped) {
		t.Errorf("%v", list)
	}
	o = vsim(t, "runs", dir, "--csv", "--sort", "-stage", "--where", "state=done").ended(exitDone)
	rows, err := csv.NewReader(strings.NewReader(o.out)).ReadAll()
	if err != nil || len(rows) != 3 || rows[0][0] != "dir" || rows[1][1] != "pretrain" || rows[2][1] != "finetune" {
		t.Errorf("%v, %q", err, rows)
	}
}

func TestRunsUsage(t *testing.T) {
	dir := t.TempDir()
	vsim(t, "runs", "verfy").failed(exitUsage, "did you mean verify?")
	vsim(t, "runs", dir+"/none").failed(exitFailed, "none: no such file or directory")
	vsim(t, "runs", dir, "--csv", "--json").ended(exitUsage)
	vsim(t, "runs", dir, "--state", "dead").failed(exitUsage, "dead", "died")
	vsim(t, "runs", dir, "--where", "loss").failed(exitUsage, "want KEY=VALUE")
	if o := vsim(t, "runs", dir).ended(exitDone); o.out != "no runs\n" {
		t.Errorf("%q", o.out)
	}
}

func TestRunsRm(t *testing.T) {
	dir := runstest.Folder(t)
	pre, fine := filepath.Join(dir, runstest.Pretrain), filepath.Join(dir, runstest.Finetune)
	stopped := filepath.Join(dir, runstest.Stopped)
	before := snapshot(t, dir)
	vsim(t, "runs", "rm", stopped, pre).failed(exitFailed, pre+": "+fine+" started from its model", "nothing was removed", "--force")
	v := vsim(t, "runs", "rm", stopped, "--dry-run", "--json").ended(exitDone).has("removed", "needs", "dry_run")
	if v["dry_run"] != true || len(v["removed"].([]any)) != 1 {
		t.Errorf("%v", v)
	}
	if after := snapshot(t, dir); len(after) != len(before) {
		t.Errorf("%d files are left of %d", len(after), len(before))
	}
	o := vsim(t, "runs", "rm", stopped, pre, "--force").ended(exitDone)
	if !strings.Contains(o.out, "removed "+stopped) || !strings.Contains(o.out, fine+" started from its model") {
		t.Errorf("%s", o.out)
	}
	o = vsim(t, "runs", dir).ended(exitDone)
	if !strings.Contains(o.out, "1 run: 1 done") || strings.Contains(o.out, runstest.Stopped) {
		t.Errorf("%s", o.out)
	}
	vsim(t, "runs", "rm", dir).failed(exitFailed, "is no run of vsim")
}

func TestRunsDiff(t *testing.T) {
	dir := runstest.Folder(t)
	pre, stopped := filepath.Join(dir, runstest.Pretrain), filepath.Join(dir, runstest.Stopped)
	figure := filepath.Join(dir, "curves.svg")
	o := vsim(t, "runs", "diff", pre, stopped, "--figure", figure).ended(exitDone)
	for _, text := range []string{"pretrain.seed", "stopped at step 2", "loss_mfm", "figure: " + figure} {
		if !strings.Contains(o.out, text) {
			t.Errorf("no %q in\n%s", text, o.out)
		}
	}
	if data, err := os.ReadFile(figure); err != nil || !strings.Contains(string(data), "<svg") {
		t.Errorf("%.80s, %v", data, err)
	}
	vsim(t, "runs", "diff", pre, stopped, "--figure", figure).failed(exitFailed, figure+": exists; --force overwrites it")
	vsim(t, "runs", "diff", pre, stopped, "--figure", filepath.Join(pre, "recipe.json")).failed(exitUsage, "ends neither in .svg")
	v := vsim(t, "runs", "diff", pre, stopped, "--json").ended(exitDone).has("runs", "differs", "curves", "same_losses_until")
	first := v["differs"].([]any)[0].(map[string]any)
	if len(v["differs"].([]any)) != 1 || first["name"] != "pretrain.seed" || len(first["values"].([]any)) != 2 {
		t.Errorf("%v", v["differs"])
	}
	vsim(t, "runs", "diff", pre).failed(exitUsage, "want two runs or more, got 1")
	vsim(t, "runs", "diff", pre, dir).failed(exitFailed, dir+": is no run of vsim")
}
