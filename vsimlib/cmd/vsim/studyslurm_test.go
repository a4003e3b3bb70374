// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vsim/vsimlib/slurm/slurmtest"
)

// slurmStudy is a study on a cluster that is disturbed.
type slurmStudy struct {
	*testing.T
	*slurmtest.Cluster
	runs string
}

// of is what lies in the directories of the study's tasks.
func (s *slurmStudy) of(pattern string) []string {
	list, err := filepath.Glob(filepath.Join(s.runs, "study", pattern))
	if err != nil {
		s.Fatal(err)
	}
	return list
}

// soon waits until something is so.
func (s *slurmStudy) soon(what string, is func() bool) {
	s.Helper()
	for deadline := time.Now().Add(5 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			queue, _ := exec.Command("squeue", "--array", "--states=all").CombinedOutput()
			s.Fatalf("never came: %s; the queue:\n%s\nlogs:\n%s", what, queue, s.logs())
		}
	}
}

func (s *slurmStudy) logs() (text string) {
	for _, file := range s.of("slurm/*/*.log") {
		data, _ := os.ReadFile(file)
		text += file + ":\n" + string(data)
	}
	return text
}

// lines counts those of all training logs.
func (s *slurmStudy) lines() (n int) {
	for _, file := range s.of("*/run/metrics.jsonl") {
		data, _ := os.ReadFile(file)
		n += strings.Count(string(data), "\n")
	}
	return n
}

// ends notes, as long as the test goes on, when tasks came to their end, and afterwards names those that did so again.
func (s *slurmStudy) ends() (again func() []string) {
	first := map[string]time.Time{}
	var twice []string
	look := func() {
		for _, file := range s.of("*/result.json") {
			info, err := os.Stat(file)
			if err != nil {
				continue
			}
			if at, seen := first[file]; seen && at != info.ModTime() {
				twice = append(twice, file)
			}
			first[file] = info.ModTime()
		}
	}
	var mu sync.Mutex
	go func() {
		for s.Context().Err() == nil {
			mu.Lock()
			look()
			mu.Unlock()
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		look()
		return twice
	}
}

// disturb kills or stops a running task in one of several ways; false where none runs.
func (s *slurmStudy) disturb(r *rand.Rand) bool {
	running := strings.Fields(s.Do("squeue", "--noheader", "--states=RUNNING", "--array", "--format=%i"))
	steps := s.Steps("--task ")
	if len(running) == 0 || len(steps) == 0 {
		return false
	}
	job, pid := running[r.IntN(len(running))], steps[r.IntN(len(steps))]
	switch r.IntN(4) {
	case 0:
		s.Log("SIGKILL to a task")
		_ = syscall.Kill(pid, syscall.SIGKILL)
	case 1:
		s.Log("SIGTERM to a task")
		_ = syscall.Kill(pid, syscall.SIGTERM)
	case 2:
		s.Log("requeue of ", job)
		_ = exec.Command("scontrol", "requeue", job).Run() // it may be over by now
	case 3:
		s.Log("the warning before the time limit to ", job)
		_ = exec.Command("scancel", "--batch", "--signal=USR1", job).Run()
	}
	return true
}

// TestStudySlurm runs a study on a Slurm cluster of two nodes, kills one of them in its middle, kills and stops tasks and the
// process that waits, ten times in all, and compares what it leaves, byte for byte, with that of an undisturbed run in one process.
// No task comes to its end twice.
func TestStudySlurm(t *testing.T) {
	if testing.Short() {
		t.Skip("a study, twice, and a cluster")
	}
	onCPU(t)
	dir := t.TempDir()
	out := func(name string) string { return filepath.Join(dir, name+"-out") }
	study := func(name string, more ...string) []string {
		return append([]string{"study", "labels", "--scale", "tiny", "--seeds", "1,2", "--runs", filepath.Join(dir, name), "--out",
			out(name), "--json"}, more...)
	}
	local := start(t, study("local")...)
	s := &slurmStudy{t, slurmtest.Start(t, 2), filepath.Join(dir, "slurm")}
	again := s.ends()
	onSlurm := study("slurm", "--on", "slurm", "--poll", "200ms")
	waiting := start(t, onSlurm...)

	s.soon("two pretrainings are on their way", func() bool { return len(s.of("pretrain-*/run/metrics.jsonl")) == 2 })
	lost := s.Nodes()[0]
	s.Kill(lost)
	s.Down(lost)
	if len(s.of("pretrain-*/result.json")) == 2 {
		t.Error("the node was killed too late")
	}
	if code := waiting.send(syscall.SIGINT); code != 130 || !strings.Contains(waiting.stderr.String(), "its jobs go on") {
		t.Errorf("exit code %d, stderr %s", code, waiting.stderr.String())
	}
	waiting = start(t, onSlurm...)
	s.soon("a finetuning", func() bool { return len(s.of("finetune-*")) > 0 })
	s.Boot(lost)
	if code := waiting.send(syscall.SIGKILL); code != -int(syscall.SIGKILL) {
		t.Errorf("exit code %d", code)
	}
	waiting = start(t, onSlurm...)
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 1))
	for n := 3; n < 10; { // the node and the process that waits were three
		before, more := s.lines(), 1+r.IntN(60)
		s.soon("further steps, or the end", func() bool { return s.lines() >= before+more || len(s.of("embed-*/result.json")) == 4 })
		if len(s.of("embed-*/result.json")) == 4 {
			t.Logf("it was done after %d disturbances", n)
			break
		}
		if s.disturb(r) {
			n++
		}
	}
	if code := waiting.end(); code != exitDone {
		t.Fatalf("exit code %d; stderr: %s\nlogs:\n%s", code, waiting.stderr.String(), s.logs())
	}
	if code := local.end(); code != exitDone {
		t.Fatalf("in one process: exit code %d; stderr: %s", code, local.stderr.String())
	}
	sameTable(t, out("local"), out("slurm"))
	if list := again(); len(list) > 0 {
		t.Errorf("came to their end twice: %v", list)
	}
	jobs := s.Do("squeue", "--noheader", "--states=all", "--array", "--format=%i")
	vsim(t, onSlurm...).ended(exitDone)
	if now := s.Do("squeue", "--noheader", "--states=all", "--array", "--format=%i"); strings.Count(now, "\n") != strings.Count(jobs,
		"\n") {
		t.Errorf("a study that is done was submitted again:\n%s", now)
	}
}

// sameTable compares all that two studies left, name by name.
func sameTable(t *testing.T, want, got string) {
	t.Helper()
	files := func(dir string) map[string]string {
		list := map[string]string{}
		for file, sum := range snapshot(t, dir) {
			name, err := filepath.Rel(dir, file)
			if err != nil {
				t.Fatal(err)
			}
			list[name] = sum
		}
		return list
	}
	a, b := files(want), files(got)
	if !maps.Equal(a, b) || a["table.json"] == "" || a["table.md"] == "" {
		t.Errorf("want %v\ngot %v", slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b)))
		for name := range a {
			if a[name] != b[name] {
				t.Errorf("%s differs", name)
			}
		}
	}
}

// TestStudySlurmRefused: each wrong use and each missing part has its line.
func TestStudySlurmRefused(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	study := func(args ...string) []string { return append([]string{"study", "labels", "--runs", runs}, args...) }
	for text, args := range map[string][]string{
		"--partition: is for --on slurm":   {"--partition", "gpu"},
		"--poll: is for --on slurm":        {"--poll", "1s"},
		"--throttle: is for --on slurm":    {"--throttle", "2"},
		"--throttle: 0 is below 1":         {"--on", "slurm", "--throttle", "0"},
		"--poll: 0s is not above 0":        {"--on", "slurm", "--poll", "0s"},
		"--jobs: is for --on local":        {"--on", "slurm", "--jobs", "2"},
		`"--array=1": is set by vsim`:      {"--on", "slurm", "--slurm-arg", "--array=1"},
		`"qos=high": write --NAME=VALUE`:   {"--on", "slurm", "--slurm-arg", "qos=high"},
		`"slrum" is unknown, want local o`: {"--on", "slrum"},
	} {
		vsim(t, study(args...)...).failed(exitUsage, text)
	}
	cmd := exec.Command(binary, study("--on", "slurm")...)
	cmd.Env = append(os.Environ(), "PATH="+t.TempDir())
	finish(t, cmd).failed(exitFailed, "squeue is not on the PATH", "login node")
}
