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
	Commit  string `json:"commit"`
	Missing string `json:"missing"`
	Skipped string `json:"skipped"`
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
	return checkBy(t, gpuCheck, nil, code, args...)
}

// checkBy is check by a copy of the script, with more environment variables.
func checkBy(t *testing.T, script string, env []string, code int, args ...string) (r gpuReport, stderr string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "report.json")
	cmd := exec.Command(script, append([]string{"--backend", "cpu", "--small", "--out", out}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	o := finish(t, cmd).ended(code)
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

// TestGPUCheck runs the whole check at its smallest on the CPU, by the copy of the script that travels.
func TestGPUCheck(t *testing.T) {
	if testing.Short() {
		t.Skip("trains, and compiles several steps")
	}
	onCPU(t)
	bin := filepath.Join(t.TempDir(), "bin")
	o := finish(t, exec.Command(gpuCheck, "--prepare", "--bin", bin)).ended(exitDone)
	if !strings.Contains(o.stderr, "MiB of commit ") {
		t.Errorf("stderr %q", o.stderr)
	}
	r, _ := checkBy(t, filepath.Join(bin, "gpu-check"), nil, exitDone,
		"--parts", "doctor,bfloat16,golden,float32,checkpointing,lengths,demo", "--minutes", "20")
	if !r.OK || !r.Done || r.Backend != "cpu" || len(r.Commit) < 7 || r.Skipped != "" {
		t.Errorf("%+v", r)
	}
	keys := map[string]string{"doctor": "devices", "bfloat16": "videos_per_s", "golden bfloat16": "passed",
		"golden float32 with TF32": "passed", "float32": "memory_compiler_bytes", "checkpointing": "memory_peak_bytes",
		"lengths": "videos_per_s", "pretrain tiny": "steps", "eval tiny": "spearman"}
	var names []string
	for _, p := range r.Parts {
		names = append(names, p.Part)
		if _, ok := p.Result[keys[p.Part]]; keys[p.Part] != "" && !ok || !p.OK {
			t.Errorf("%+v", p)
		}
		delete(keys, p.Part)
	}
	if len(keys) > 0 {
		t.Errorf("no parts %v", keys)
	}
	if len(names) < 3 || names[1] != "bfloat16" || names[2] != "golden bfloat16" {
		t.Errorf("parts in the order %v: the most telling come first", names)
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
	if err := os.Mkdir(filepath.Join(bin, "emoji"), 0o755); err != nil {
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
		case strings.HasPrefix(p.Part, "twin"): // where the tests' Python has torch
			continue
		case strings.HasPrefix(p.Part, "eval"):
			want = "took more than 1 s"
		}
		if p.Error != want || p.OK != (want == "") {
			t.Errorf("%+v, want error %q", p, want)
		}
	}
	// A card that does not compute in a type fails, and so does another kind of device.
	for said, want := range map[string]string{
		`{"kind":"cuda"}`: "the backend is not of the kind cpu",
		`{"kind":"cpu","checks":[{"name":"device 0","ok":false,"found":"no ptxas"}]}`: "a device does not compute in every type",
	} {
		script := "#!/bin/sh\necho '" + said + "'\nexit 1\n"
		if err := os.WriteFile(filepath.Join(bin, "vsim"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		if r, _ := check(t, exitFailed, "--bin", bin, "--parts", "doctor"); len(r.Parts) != 1 || r.Parts[0].Error != want {
			t.Errorf("%+v, want error %q", r, want)
		}
	}
	// Bash takes its count of seconds from the environment: this run has 2 of its 60 left, which is too few for a part.
	late := []string{"SECONDS=58"}
	r, _ = checkBy(t, gpuCheck, late, exitDone, "--bin", bin, "--minutes", "1", "--parts", "doctor,bfloat16")
	if len(r.Parts) != 0 || r.Skipped != "doctor bfloat16" || !r.Done {
		t.Errorf("%+v", r)
	}
	finish(t, exec.Command(gpuCheck, "--bin", t.TempDir())).failedPlainly(exitFailed, "missing: ")
	finish(t, exec.Command(gpuCheck, "--backend", "tpu")).failedPlainly(exitUsage, "--backend tpu is neither")
	finish(t, exec.Command(gpuCheck, "--timeout", "long")).failedPlainly(exitUsage, "--timeout long")
	finish(t, exec.Command(gpuCheck, "--minutes", "0")).failedPlainly(exitUsage, "--minutes 0")
	finish(t, exec.Command(gpuCheck, "--parts", "doctor,all")).failedPlainly(exitUsage, "unknown part all")
}

// failedPlainly checks the exit code and what stderr holds.
func (o outcome) failedPlainly(code int, text string) {
	o.Helper()
	o.ended(code)
	if !strings.Contains(o.stderr, text) || o.out != "" {
		o.Errorf("%s\nstderr lacks %q: %s", o.line, text, o.stderr)
	}
}
