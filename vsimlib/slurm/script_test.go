// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestScriptOptions(t *testing.T) {
	first := &array{ID: "one", Kind: "pretrain", Job: "12", Index: map[string]int{"k0": 0}}
	a := &array{ID: "two", Kind: "finetune", Index: map[string]int{"k1": 0, "k2": 1, "k3": 4}, ok: []element{{first, 0}}}
	o := Options{Partition: "gpu", Account: "lab", Time: "1-00:00:00", GPUs: "1", GRES: "gpu:a100:1", CPUs: "8", Mem: "32G",
		More: []string{"--exclusive", `--constraint=a b"c`}}
	if err := o.Check(); err != nil {
		t.Fatal(err)
	}
	got := a.script("vsim-epochs", "/runs/100%/two", []string{"/bin/vsim", "study", "it's"}, o)
	for _, line := range []string{"#!/bin/bash", "#SBATCH --job-name=vsim-epochs-finetune", "#SBATCH --comment=vsim:two",
		"#SBATCH --array=0-1,4",
		"#SBATCH --dependency=afterok:12_0", "#SBATCH --kill-on-invalid-dep=yes", "#SBATCH --requeue", "#SBATCH --signal=B:USR1@60",
		"#SBATCH --nodes=1",
		"#SBATCH --ntasks=1", "#SBATCH --open-mode=append", "#SBATCH --output=/runs/100%%/two/%a.log", "#SBATCH --partition=gpu",
		"#SBATCH --account=lab",
		"#SBATCH --time=1-00:00:00", "#SBATCH --gpus=1", "#SBATCH --gres=gpu:a100:1", "#SBATCH --cpus-per-task=8", "#SBATCH --mem=32G",
		"#SBATCH --exclusive",
		`#SBATCH "--constraint=a b\"c"`, `'/bin/vsim' 'study' 'it'\''s' "$key" &`} {
		if !strings.Contains("\n"+got, "\n"+line+"\n") {
			t.Errorf("no line %s in\n%s", line, got)
		}
	}
	if text := first.script("n", "/f", nil, Options{}); strings.Contains(text, "--dependency") ||
		strings.Contains(text, "--partition") || strings.Contains(text, "!(") {
		t.Errorf("a script without needs and options:\n%s", text)
	}
}

func TestOptionsRefused(t *testing.T) {
	for option, want := range map[string]string{
		"partition=x":      "write --NAME=VALUE",
		"--partition x":    "with =",
		"--":               "write --NAME=VALUE",
		"--array=1":        "set by vsim itself",
		"--no-requeue":     "set by vsim itself",
		"--mem=1\n#SBATCH": "contains a line break; give one option per --slurm-arg",
	} {
		if err := (Options{More: []string{option}}).Check(); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want one with %q", option, err, want)
		}
	}
	if err := (Options{Account: "a\nb"}).Check(); err == nil {
		t.Error("an account of two lines is taken")
	}
}

// TestScriptRuns runs scripts by bash, with a squeue and a scontrol that say and note what they are told to.
func TestScriptRuns(t *testing.T) {
	for _, c := range []struct {
		name, task, state, restarts string
		code                        int
		requeued                    bool
	}{
		{"done", "true", "RUNNING", "", 0, false},
		{"failed", "exit 1", "RUNNING", "", 1, false},
		{"stopped by the task's own signal", "exit 143", "RUNNING", "99", 143, true},
		{"cancelled", "exit 143", "COMPLETING", "", 143, false},
		{"killed", "kill -KILL $$", "RUNNING", "9", 137, true},
		{"killed too often", "kill -KILL $$", "RUNNING", "10", 137, false},
		{"warned, saves", `trap "exit 143" TERM; kill -USR1 $PPID; while :; do sleep .01; done`, "RUNNING", "", 143, true},
		{"warned at its end", `trap "" TERM; kill -USR1 $PPID; sleep .1; exit 0`, "RUNNING", "", 0, false},
		{"warned twice, fails", `trap "" TERM; kill -USR1 $PPID; kill -TERM $PPID; sleep .1; exit 1`, "RUNNING", "", 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "o'clock")
			files := map[string]string{
				"tasks.txt":    "0 zero\n1 one\n10 ten\n",
				"task.sh":      "[ \"$*\" = 'a  b one' ] || exit 9\n" + c.task,
				"bin/squeue":   "#!/bin/sh\n[ \"$2\" = --jobs=7_1 ] && echo Welcome && echo " + c.state,
				"bin/scontrol": "#!/bin/sh\necho \"$@\" >" + `"${0%/*}"/requeued`,
				"script.sh": (&array{Index: map[string]int{"one": 1}}).script("n", dir,
					[]string{"/bin/bash", filepath.Join(dir, "task.sh"), "a  b"}, Options{}),
			}
			for name, text := range files {
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o777); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command("/bin/bash", filepath.Join(dir, "script.sh"))
			cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "SLURM_ARRAY_JOB_ID=7",
				"SLURM_ARRAY_TASK_ID=1", "SLURM_RESTART_COUNT="+c.restarts)
			out, _ := cmd.CombinedOutput()
			note, _ := os.ReadFile(filepath.Join(dir, "bin", "requeued"))
			if code := cmd.ProcessState.ExitCode(); code != c.code || (string(note) == "requeue 7_1\n") != c.requeued {
				t.Errorf("exit code %d, want %d; scontrol %q, want requeued %t\n%s", code, c.code, note, c.requeued, out)
			}
		})
	}
}

func TestParseQueue(t *testing.T) {
	q := parseQueue("12|0|RUNNING|None|vsim:one\n12|1|PENDING|Resources, or so|vsim:one\n13|4|CANCELLED|DependencyNeverSatisfied|vsim:two\n14|N/A|FAILED|NonZeroExitCode|a|b\ntorn\n")
	at := func(job string, index int) element { return element{&array{Job: job}, index} }
	for e, want := range map[element]struct {
		live  bool
		state string
	}{at("12", 0): {true, "RUNNING"}, at("12", 1): {true, "PENDING"}, at("13", 4): {false, "CANCELLED"}, at("99", 0): {false, ""}} {
		if live, how := q.find(e); live != want.live || how.state != want.state {
			t.Errorf("%s: live %t, %v", e.elementID(), live, how)
		}
	}
	if q.jobs["vsim:two"] != "13" || q.jobs["a|b"] != "14" {
		t.Errorf("jobs %v", q.jobs)
	}
}

// TestNoSlurm: without Slurm there is one line that says so, and nothing is written but the lock.
func TestNoSlurm(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	w := Work{Dir: filepath.Join(t.TempDir(), "slurm"), Tasks: []Task{{"a", "k", nil}}, Done: func(string) bool { return false }}
	_, err := Run(context.Background(), w)
	if want := "squeue is not on the PATH: run this on a login node of a Slurm cluster, or without --on slurm"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if arrays, _ := filepath.Glob(filepath.Join(w.Dir, "*", "*")); len(arrays) > 0 {
		t.Errorf("left %v", arrays)
	}
}

// TestDirectoryRefused: a directory of which the name has a line end would be run as a command.
func TestDirectoryRefused(t *testing.T) {
	for _, w := range []Work{{Dir: "/x\ntouch pwned;#"}, {Dir: "/x", Name: "a\rb"}} {
		_, err := Run(t.Context(), w)
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "line end") {
			t.Errorf("%+v: %v", w, err)
		}
	}
}

// TestScriptQuotes: words and folders reach the task as they are, whatever bash would make of them.
func TestScriptQuotes(t *testing.T) {
	for _, word := range []string{"a b", "it's", `$(touch pwned)`, "`touch pwned`", `"; touch pwned; "`, "$HOME", "a\nb", "*",
		`\`, "-n",
		"#", "!x", "~", "\x1b[2J\u202e", "%s%d", "{a,b}", "&& touch pwned", "|| touch pwned", ""} {
		dir := filepath.Join(t.TempDir(), "d"+strings.Map(func(r rune) rune { // no folder has these, or Run refuses it
			if strings.ContainsRune("/\n", r) {
				return -1
			}
			return r
		}, word))
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		script := (&array{Index: map[string]int{"key": 1}}).script("n", dir, []string{"/usr/bin/printf", "<%s>", word}, Options{})
		for name, text := range map[string]string{"tasks.txt": "1 key\n", "script.sh": script} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o777); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("/bin/bash", "script.sh")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "SLURM_ARRAY_JOB_ID=7", "SLURM_ARRAY_TASK_ID=1")
		out, err := cmd.Output()
		if err != nil || !strings.HasSuffix(string(out), "<"+word+"><key>") {
			t.Errorf("%q: %q, %v", word, out, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
			t.Errorf("%q: was run", word)
		}
	}
}
