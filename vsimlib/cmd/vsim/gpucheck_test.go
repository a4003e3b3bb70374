// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const gpuCheck = "../../../docker/gpu-check"

// gpuReport is what docker/gpu-check writes.
type gpuReport struct {
	Backend string `json:"backend"`
	OK      bool   `json:"ok"`
	Done    bool   `json:"done"`
	Missing string `json:"missing"`
	Parts   []struct {
		Part   string         `json:"part"`
		OK     bool           `json:"ok"`
		Exit   int            `json:"exit"`
		Error  string         `json:"error"`
		Result map[string]any `json:"result"`
	} `json:"parts"`
}

// check runs docker/gpu-check on the CPU and reads its report.
func check(t *testing.T, code int, args ...string) (r gpuReport, stderr string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "report.json")
	o := finish(t, exec.Command(gpuCheck, append([]string{"--backend", "cpu", "--small", "--out", out}, args...)...)).ended(code)
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(out), "*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	return r, o.stderr
}

// TestGPUCheck runs the whole check at its smallest on the CPU.
func TestGPUCheck(t *testing.T) {
	if testing.Short() {
		t.Skip("trains, and compiles several steps")
	}
	onCPU(t)
	bin := t.TempDir()
	finish(t, exec.Command(gpuCheck, "--prepare", "--bin", bin)).ended(exitDone)
	r, _ := check(t, exitDone, "--bin", bin)
	if !r.OK || !r.Done || r.Backend != "cpu" {
		t.Errorf("%+v", r)
	}
	keys := map[string]string{"doctor": "devices", "golden float32": "passed",
		"bench tiny batch 2 float32 checkpointing false": "videos_per_s",
		"bench tiny batch 2 bfloat16 checkpointing true": "memory_peak_bytes", "pretrain tiny": "steps", "eval tiny": "spearman"}
	for _, p := range r.Parts {
		if _, ok := p.Result[keys[p.Part]]; keys[p.Part] != "" && !ok || !p.OK {
			t.Errorf("%+v", p)
		}
		delete(keys, p.Part)
	}
	if len(keys) > 0 {
		t.Errorf("no parts %v", keys)
	}
}

// TestGPUCheckFailures: what is missing and what fails is told, and the file is whole all the same.
func TestGPUCheckFailures(t *testing.T) {
	if testing.Short() {
		t.Skip("ten runs of a script")
	}
	bin := t.TempDir()
	broken := "#!/bin/sh\ncase $1 in doctor) echo '{\"kind\":\"cpu\"}';; eval) sleep 60;; " +
		"*) echo 'vsim: bench: a \"quoted\" \\ failure' >&2; exit 1;; esac\n"
	if err := os.WriteFile(filepath.Join(bin, "vsim"), []byte(broken), 0o755); err != nil {
		t.Fatal(err)
	}
	r, stderr := check(t, exitFailed, "--bin", bin, "--timeout", "1")
	if r.OK || !r.Done || !strings.Contains(r.Missing, "golden.test") ||
		!strings.Contains(stderr, "missing: "+bin+"/golden.test (docker/gpu-check --prepare builds it)") {
		t.Errorf("%+v\n%s", r, stderr)
	}
	for _, p := range r.Parts {
		want := "vsim: bench: a \"quoted\" \\ failure"
		switch {
		case p.Part == "doctor":
			want = ""
		case strings.HasPrefix(p.Part, "eval"):
			want = "took more than 1 s"
		}
		if p.Error != want || p.OK != (want == "") {
			t.Errorf("%+v, want error %q", p, want)
		}
	}
	finish(t, exec.Command(gpuCheck, "--bin", t.TempDir())).failedPlainly(exitFailed, "missing: ")
	finish(t, exec.Command(gpuCheck, "--backend", "tpu")).failedPlainly(exitUsage, "--backend tpu is neither")
	finish(t, exec.Command(gpuCheck, "--timeout", "long")).failedPlainly(exitUsage, "--timeout long")
}

// failedPlainly checks the exit code and what stderr holds.
func (o outcome) failedPlainly(code int, text string) {
	o.Helper()
	o.ended(code)
	if !strings.Contains(o.stderr, text) || o.out != "" {
		o.Errorf("%s\nstderr lacks %q: %s", o.line, text, o.stderr)
	}
}
