// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/run"
	"vsim/vsimlib/runs/runstest"
)

// readScalars prints the scalars of the runs below a folder, as TensorBoard reads them: run → tag → [step, value].
const readScalars = `
import json, sys
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
m = EventMultiplexer(size_guidance={"scalars": 0}).AddRunsFromDirectory(sys.argv[1]).Reload()
print(json.dumps({r: {t: [[s.step, s.value] for s in m.Scalars(r, t)] for t in tags["scalars"]} for r, tags in m.Runs().items()}))
`

// tensorboardPython is a Python with TensorBoard's reader, without the rest of it.
func tensorboardPython(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("installs tensorboard by pip")
	}
	venv := filepath.Join(t.TempDir(), "venv")
	python := filepath.Join(venv, "bin", "python")
	for _, args := range [][]string{{"python3", "-m", "venv", venv}, {python, "-m", "pip", "install", "--quiet", "--no-deps",
		"--disable-pip-version-check", "tensorboard==2.20.0", "numpy", "protobuf", "absl-py", "packaging"}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Skipf("tensorboard cannot be installed: %v: %s", err, out)
		}
	}
	return python
}

// TestTensorBoardReads: TensorBoard's own reader finds every number of the logs of two runs, at its step.
func TestTensorBoardReads(t *testing.T) {
	python := tensorboardPython(t)
	dir, out := runstest.Folder(t), filepath.Join(t.TempDir(), "events")
	vsim(t, "runs", "export", "--tensorboard", out, filepath.Join(dir, runstest.Pretrain), filepath.Join(dir, runstest.Finetune)).
		ended(exitDone)
	cmd := exec.Command(python, "-c", readScalars, out)
	cmd.Stderr = os.Stderr
	printed, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]map[string][][2]float64
	if err := json.Unmarshal(printed, &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Errorf("%d runs", len(got))
	}
	for _, name := range []string{runstest.Pretrain, runstest.Finetune} {
		lines, err := run.ReadMetrics(run.Dir(filepath.Join(dir, name)).Metrics())
		if err != nil {
			t.Fatal(err)
		}
		want := map[string][][2]float64{}
		for _, line := range lines {
			for tag, v := range run.Numbers(line, "") {
				if tag != "step" {
					want[tag] = append(want[tag], [2]float64{line["step"].(float64), float64(float32(v))})
				}
			}
		}
		a, _ := json.Marshal(got[name])
		b, _ := json.Marshal(want)
		if string(a) != string(b) || len(want["loss"]) == 0 {
			t.Errorf("%s: %s\nwant %s", name, a, b)
		}
	}
}

func TestRunsExport(t *testing.T) {
	dir, out := runstest.Folder(t), filepath.Join(t.TempDir(), "events")
	args := []string{"runs", "export", "--json", "--tensorboard", out, dir}
	list := vsim(t, args...).ended(exitDone).has("tensorboard", "runs")["runs"].([]any)
	if len(list) != 3 {
		t.Fatalf("%v", list)
	}
	first := list[0].(map[string]any)
	file := first["file"].(string)
	if filepath.Dir(file) != filepath.Join(out, runstest.Finetune) || first["steps"] != 2. || len(first["scalars"].([]any)) < 5 {
		t.Errorf("%v", first)
	}
	before := snapshot(t, out)
	vsim(t, args...).ended(exitDone)
	if after := snapshot(t, out); len(after) != 3 || after[file] != before[file] {
		t.Errorf("%v, want %v", after, before)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data[:100], 0o644); err != nil { // of an earlier state
		t.Fatal(err)
	}
	vsim(t, "runs", "export", "--tensorboard", out, dir).failed(exitFailed, file, "another state of the run and exists", "--force")
	vsim(t, append(args, "--force")...).ended(exitDone)
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	vsim(t, "runs", "export", "--tensorboard", out, dir, "--force").failed(exitFailed, "is text, no event file of vsim")
	vsim(t, "runs", "export", dir).ended(exitUsage)
	vsim(t, "runs", "export", "--tensorboard", out, t.TempDir()).failed(exitFailed, "has no run")
}

// TestRunsExportDamaged: a log that cannot be read is an error that names it, one that does not exist is passed over.
func TestRunsExportDamaged(t *testing.T) {
	dir, out := runstest.Folder(t), filepath.Join(t.TempDir(), "events")
	log := run.Dir(filepath.Join(dir, runstest.Pretrain)).Metrics()
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	data[0] = 'x'
	if err := os.WriteFile(log, data, 0o644); err != nil {
		t.Fatal(err)
	}
	vsim(t, "runs", "export", "--tensorboard", out, dir).failed(exitFailed, log+":1: not a JSON object")
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	o := vsim(t, "runs", "export", "--tensorboard", out, dir).ended(exitDone)
	if !strings.Contains(o.stderr, filepath.Dir(log)+": no step is logged yet; passed over") {
		t.Errorf("stderr: %s", o.stderr)
	}
}
