// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const gpuCheck = "../../../docker/gpu-check"

// gpuReport is what docker/gpu-check writes.
type gpuReport struct {
	Backend string `json:"backend"`
	Tuned   bool   `json:"tuned"`
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
		"--parts", "doctor,bfloat16,golden,float32,lengths,demo", "--minutes", "20")
	if !r.OK || !r.Done || r.Backend != "cpu" || len(r.Commit) < 7 || r.Skipped != "" {
		t.Errorf("%+v", r)
	}
	keys := map[string]string{"doctor": "devices", "bfloat16": "videos_per_s", "golden bfloat16": "passed",
		"golden float32 with TF32": "passed", "compile float32": "programs", "float32": "memory_compiler_bytes",
		"compile lengths": "programs", "lengths": "memory_peak_bytes", "pretrain tiny": "steps", "eval tiny": "spearman"}
	var names []string
	compiled := map[string]float64{}
	for _, p := range r.Parts {
		names = append(names, p.Part)
		seconds, _ := p.Result["compile_s"].(float64)
		compiled[p.Part] = seconds
		// So small, the program of lengths is that of bfloat16, which is loaded each time.
		if before := compiled["compile "+p.Part]; p.Part != "lengths" && before > 0 && seconds > before/2 {
			t.Errorf("%s: compiled in %g s, and then loaded in %g", p.Part, before, seconds)
		}
		if _, ok := p.Result[keys[p.Part]]; keys[p.Part] != "" && !ok || !p.OK {
			t.Errorf("%+v", p)
		}
		delete(keys, p.Part)
	}
	if len(keys) > 0 {
		t.Errorf("no parts %v", keys)
	}
	if first, last := names[:2], names[len(names)-2:]; !slices.Equal(first, []string{"doctor", "bfloat16"}) ||
		!slices.Equal(last, []string{"float32", "lengths"}) {
		t.Errorf("parts in the order %v: the most telling come first, then what is not timed, then the times", names)
	}
}

// TestGPUCheckFailures: what is missing and what fails is reported, and the file is whole all the same.
func TestGPUCheckFailures(t *testing.T) {
	if testing.Short() {
		t.Skip("ten runs of a script")
	}
	bin := t.TempDir()
	broken := "#!/bin/sh\ncase $1 in doctor) echo '{\"kind\":\"cpu\"}';; pretrain) sleep 60;; " +
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
		case slices.Contains([]string{"twin bfloat16", "torch", "torch compiled", "jax"}, strings.TrimPrefix(p.Part, "compile ")):
			continue // where the tests' Python has torch or jax
		case strings.HasPrefix(p.Part, "pretrain"):
			want = "took more than 1 s"
		}
		if p.Error != want || p.OK != (want == "") {
			t.Errorf("%+v, want error %q", p, want)
		}
	}
	if !strings.Contains(r.Skipped, "finetune tiny embed tiny eval tiny") ||
		!strings.Contains(stderr, "embed tiny: skipped, it needs what finetune tiny makes") {
		t.Errorf("skipped %q, of parts of which the one before failed\n%s", r.Skipped, stderr)
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

// fakeVsim does nothing but to note its arguments and environment. One that times fails where any other command runs; one that only
// compiles waits until a second one has started.
const fakeVsim = `#!/bin/bash
case " $* " in
*" --compile-only "* | *" --steps 1 "*) how=compile ;;
*" bench "*) how=time ;;
*) echo '{"kind":"cpu","part":"'$1'"}'; exit ;;
esac
call=$*
call=${call/ --compile-only/}
echo "$how|${call/--steps 1/--steps 2}|$XLA_FLAGS|$VSIM_COMPILE_CACHE|$TORCHINDUCTOR_CACHE_DIR" >>"$FAKE/log"
mkdir "$FAKE/running.$$" "$FAKE/$how.$$"
trap 'rmdir "$FAKE/running.$$"' EXIT
several() { set -- "$FAKE/$1".*; [ $# -gt 1 ]; }
if [ $how = time ]; then
  ! several running || { echo 'not alone' >&2; exit 1; }
  sleep 0.1
  ! several running || { echo 'no longer alone' >&2; exit 1; }
else
  for i in {1..600}; do if several compile; then echo '{"compile_s":1}'; exit; fi; sleep 0.1; done
  echo 'alone' >&2
  exit 1
fi
echo '{"videos_per_s":1}'
`

// TestGPUCheckSideBySide: programs are compiled side by side and timed alone afterwards, with the same arguments and environment;
// the peers run without the flags of vsim's XLA.
func TestGPUCheckSideBySide(t *testing.T) {
	bin, fake := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{
		filepath.Join(bin, "vsim"):     fakeVsim,
		filepath.Join(fake, "python3"): "#!/bin/bash\n[ \"$1\" != -c ] || exit 0\nset -- \"${@##*/}\" bench\n" + fakeVsim,
	} {
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"FAKE=" + fake, "PATH=" + fake + ":" + os.Getenv("PATH"), "XLA_FLAGS=--own", "VSIM_COMPILE_CACHE="}
	r, _ := checkBy(t, gpuCheck, env, exitDone, "--bin", bin, "--parts", "jax,torch-compiled,torch,twin,checkpointing,float32,bfloat16")
	var names []string
	for _, p := range r.Parts {
		names = append(names, p.Part)
		if !p.OK {
			t.Errorf("%+v", p)
		}
	}
	slices.Sort(names[1:5])
	if want := []string{"bfloat16", "compile checkpointing", "compile float32", "compile jax", "compile torch compiled",
		"float32", "checkpointing", "torch", "torch compiled", "jax", "twin bfloat16"}; !slices.Equal(names, want) {
		t.Errorf("parts %q\nwant  %q", names, want)
	}
	log, err := os.ReadFile(filepath.Join(fake, "log"))
	if err != nil {
		t.Fatal(err)
	}
	ways := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(log)), "\n") {
		how, call, _ := strings.Cut(line, "|")
		ways[call] += how + " "
	}
	once := 0
	for call, how := range ways {
		fields := strings.Split(call, "|")
		ours := strings.HasPrefix(call, "bench --json")
		if flagged := strings.HasPrefix(fields[1], "--own --xla_gpu_per_fusion_autotune_cache_dir="); flagged != ours || fields[2] == "" {
			t.Errorf("%s of %s", how, call)
		}
		if how == "time " { // the first one, and PyTorch's without a compiler
			once++
		} else if how != "compile time " {
			t.Errorf("%s of %s, want it compiled and then timed", how, call)
		}
	}
	if len(ways) != 7 || once != 3 {
		t.Errorf("%d commands, of which %d only once, in %s", len(ways), once, log)
	}
}

// TestGPUCheckTuned: on a card the check starts with the tuning files that travel, unless --untuned is given, and those that are in
// its cache already stay as they are. The demo does without the products that XLA tunes for minutes.
func TestGPUCheckTuned(t *testing.T) {
	tuned, err := filepath.Abs("../../../docker/gpu-tuned.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	list, err := exec.Command("tar", "-tzf", tuned).Output()
	if err != nil {
		t.Fatal(err)
	}
	file := strings.Fields(string(list))[1]
	for _, untuned := range []bool{false, true} {
		bin := filepath.Join(t.TempDir(), "bin")
		mine := filepath.Join(bin, "../cache/autotune", file)
		for path, text := range map[string]string{
			filepath.Join(bin, "vsim"):       "#!/bin/bash\necho '{\"flags\":\"'\"$XLA_FLAGS\"'\"}'\n",
			filepath.Join(bin, "emoji/none"): "", mine: "mine",
		} {
			if os.MkdirAll(filepath.Dir(path), 0o755) != nil || os.WriteFile(path, []byte(text), 0o755) != nil {
				t.Fatal(path)
			}
		}
		if err := os.Symlink(tuned, filepath.Join(bin, "gpu-tuned.tar.gz")); err != nil {
			t.Fatal(err)
		}
		args := []string{"--backend", "cuda", "--bin", bin, "--parts", "bfloat16,demo"}
		if untuned {
			args = append(args, "--untuned")
		}
		r, _ := check(t, exitDone, args...)
		files, _ := filepath.Glob(filepath.Join(filepath.Dir(mine), "*.pb"))
		data, err := os.ReadFile(mine)
		if r.Tuned == untuned || (len(files) > 2000) == untuned || string(data) != "mine" || err != nil {
			t.Errorf("untuned %v: tuned %v, %d files, of which one held %q (%v)", untuned, r.Tuned, len(files), data, err)
		}
		for _, p := range r.Parts {
			if p.Part == "eval tiny" { // computes nothing
				continue
			}
			flags, _ := p.Result["flags"].(string)
			quick := strings.Contains(flags, "--xla_gpu_enable_triton_gemm=false")
			if !strings.Contains(flags, "--xla_gpu_per_fusion_autotune_cache_dir=") || quick != strings.HasSuffix(p.Part, " tiny") {
				t.Errorf("%s with flags %q", p.Part, flags)
			}
		}
	}
}

// TestGPUCheckLate: what was not compiled in time is not timed, and the rest is.
func TestGPUCheckLate(t *testing.T) {
	bin := t.TempDir()
	slow := "#!/bin/bash\ncase \"$*\" in *checkpointing=true*only) exec sleep 60;; *) echo '{\"videos_per_s\":1}';; esac\n"
	if err := os.WriteFile(filepath.Join(bin, "vsim"), []byte(slow), 0o755); err != nil {
		t.Fatal(err)
	}
	r, _ := check(t, exitFailed, "--bin", bin, "--parts", "float32,checkpointing,lengths", "--timeout", "2")
	var failed, names []string
	for _, p := range r.Parts {
		names = append(names, p.Part)
		if !p.OK {
			failed = append(failed, p.Part+": "+p.Error)
		}
	}
	if !slices.Equal(failed, []string{"compile checkpointing: took more than 2 s"}) || r.Skipped != "checkpointing" ||
		!slices.Contains(names, "float32") || !slices.Contains(names, "lengths") {
		t.Errorf("parts %q, failed %q, skipped %q", names, failed, r.Skipped)
	}
}

// TestGPUCheckEnds: with the script end all commands that run side by side, and what was found is in the file.
func TestGPUCheckEnds(t *testing.T) {
	for _, by := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if _, err := exec.LookPath("setpriv"); err != nil && by == syscall.SIGKILL {
			continue
		}
		bin, fake := t.TempDir(), t.TempDir()
		waits := "#!/bin/bash\n[[ $* = *only ]] || { echo '{\"kind\":\"cpu\"}'; exit; }\n" +
			"echo $$ >\"$FAKE/$$.part\"\nmv \"$FAKE/$$.part\" \"$FAKE/$$\"\nexec sleep 60\n"
		if err := os.WriteFile(filepath.Join(bin, "vsim"), []byte(waits), 0o755); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(fake, "report.json")
		cmd := exec.Command(gpuCheck, "--backend", "cpu", "--small", "--bin", bin, "--out", out, "--parts", "doctor,float32,batch512")
		cmd.Env = append(os.Environ(), "FAKE="+fake, "TMPDIR="+fake)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var pids []string
		until(t, "two commands", func() bool {
			pids, _ = filepath.Glob(filepath.Join(fake, "[0-9]*[0-9]"))
			return len(pids) == 2
		})
		if err := cmd.Process.Signal(by); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		until(t, "the end of both", func() bool {
			for _, path := range pids {
				if _, err := os.Stat(filepath.Join("/proc", filepath.Base(path))); err == nil {
					return false
				}
			}
			return true
		})
		var r gpuReport
		if data, err := os.ReadFile(out); err != nil || json.Unmarshal(data, &r) != nil || len(r.Parts) != 1 || r.Done {
			t.Errorf("%v: %+v, %v", by, r, err)
		}
	}
}

// until waits for something to become true.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 600 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("waited for %s in vain", what)
}

// failedPlainly checks the exit code and what stderr holds.
func (o outcome) failedPlainly(code int, text string) {
	o.Helper()
	o.ended(code)
	if !strings.Contains(o.stderr, text) || o.out != "" {
		o.Errorf("%s\nstderr lacks %q: %s", o.line, text, o.stderr)
	}
}
