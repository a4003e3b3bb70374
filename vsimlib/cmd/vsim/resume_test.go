// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/run"
)

// slowSteps is the number of steps of slowTiny: long enough that another command starts and ends meanwhile.
const slowSteps = 4 * 71

// slowTiny trains for slowSteps with many checkpoints, and without a validation to compile.
func slowTiny(out string, more ...string) []string {
	return append([]string{"pretrain", "--corpus", emojiDir, "--recipe", "tiny", "--set", "pretrain.epochs=4", "--set",
		"pretrain.checkpoint_every=4", "--set", "pretrain.val_videos=0", "--out", out}, more...)
}

// started is a running command.
type started struct {
	*testing.T
	*exec.Cmd
	out, stderr bytes.Buffer
	began       time.Time
}

func start(t *testing.T, args ...string) *started {
	t.Helper()
	s := &started{T: t, Cmd: exec.Command(binary, args...), began: time.Now()}
	s.Stdout, s.Stderr = &s.out, &s.stderr
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill(); _ = s.Cmd.Wait() })
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, s.Process.Pid, 19) // what waits for it is not to be behind on a busy machine
	return s
}

// reach waits until this command has written a step to the training log of a run, and pauses it there until it is sent a signal.
func (s *started) reach(out string, step int) {
	s.Helper()
	reached := func() bool {
		info, err := os.Stat(run.Dir(out).Metrics())
		return err == nil && info.ModTime().After(s.began) && lastStep(out) >= step
	}
	for deadline := time.Now().Add(2 * time.Minute); !reached(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("step %d is not reached; stderr: %s", step, s.stderr.String())
		}
		if err := s.Process.Signal(syscall.Signal(0)); err != nil {
			s.Fatalf("it ended before step %d: %v", step, err)
		}
	}
	if err := s.Process.Signal(syscall.SIGSTOP); err != nil {
		s.Fatal(err)
	}
}

// send signals, lets the process go on if it is paused, and waits for the end. It returns the exit code, or minus the signal that
// killed the process.
func (s *started) send(sig syscall.Signal) int {
	s.Helper()
	for _, sig := range []syscall.Signal{sig, syscall.SIGCONT} {
		if err := s.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
			s.Fatal(err)
		}
	}
	return s.end()
}

func (s *started) end() int {
	s.Helper()
	var exit *exec.ExitError
	if err := s.Cmd.Wait(); err != nil && !errors.As(err, &exit) {
		s.Fatal(err)
	}
	if status := s.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		return -int(status.Signal())
	}
	return s.ProcessState.ExitCode()
}

// steps reads the training steps of metrics.jsonl in order, leaving out a torn last line and evaluations.
func steps(out string) []int {
	data, err := os.ReadFile(run.Dir(out).Metrics())
	if err != nil {
		return nil
	}
	var list []int
	for scan := bufio.NewScanner(bytes.NewReader(data)); scan.Scan(); {
		var line struct {
			Step int
			Loss *float64
		}
		if json.Unmarshal(scan.Bytes(), &line) == nil && line.Loss != nil {
			list = append(list, line.Step)
		}
	}
	return list
}

func lastStep(out string) int {
	if list := steps(out); len(list) > 0 {
		return list[len(list)-1]
	}
	return 0
}

// TestStopAndGoOn stops one run in every way, one after the other, and compares what it ends with to an undisturbed run.
func TestStopAndGoOn(t *testing.T) {
	if testing.Short() {
		t.Skip("five compilations of XLA")
	}
	onCPU(t)
	undisturbed, out := filepath.Join(t.TempDir(), "undisturbed"), filepath.Join(t.TempDir(), "stopped")
	vsim(t, slowTiny(undisturbed)...).ended(exitDone)
	killed := -int(syscall.SIGKILL)
	for _, c := range []struct {
		at   int
		sig  syscall.Signal
		code int
		then func(t *testing.T, out string)
	}{
		{6, syscall.SIGKILL, killed, nil},
		{14, syscall.SIGINT, 130, fullDisk},
		{27, syscall.SIGTERM, 143, nil},
	} {
		s := start(t, slowTiny(out, "--json")...)
		s.reach(out, c.at)
		if c.sig == syscall.SIGTERM {
			vsim(t, slowTiny(out)...).failed(exitFailed, out, "in use by process")
		}
		began := time.Now()
		code := s.send(c.sig)
		if code != c.code {
			t.Fatalf("%v: exit code %d, want %d; stderr: %s", c.sig, code, c.code, s.stderr.String())
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("%v: it took %v to stop", c.sig, took)
		}
		if code != killed {
			o := outcome{T: t, line: c.sig.String(), code: code, out: s.out.String(), stderr: lastLine(s.stderr.String())}
			if o.object()["error"] == nil || !strings.Contains(o.stderr, "the same command goes on") ||
				!strings.HasPrefix(o.stderr, "vsim: pretrain: ") {
				t.Errorf("%v: stdout %q, stderr %q", c.sig, o.out, o.stderr)
			}
		}
		if jsonfile.Exists(run.Dir(out).Result()) {
			t.Fatalf("%v: the run was done before it was stopped", c.sig)
		}
		if c.then != nil {
			c.then(t, out)
		}
	}
	o := vsim(t, slowTiny(out, "--json")...).ended(exitDone)
	near(t, "steps", o.has("steps", "losses", "videos_per_s", "model")["steps"], slowSteps, 0)
	same(t, undisturbed, out)
	for i, step := range steps(out) {
		if step != i+1 {
			t.Fatalf("line %d of the training log is of step %d", i+1, step)
		}
	}
	finished(t, out, o.out)
}

// finished runs a run that is done again: the same line says the same and changes nothing, another recipe is refused, and
// --force starts afresh.
func finished(t *testing.T, out, said string) {
	t.Helper()
	before := snapshot(t, out)
	if again := vsim(t, slowTiny(out, "--json")...).ended(exitDone); again.out != said {
		t.Errorf("run again it says %s, before %s", again.out, said)
	}
	vsim(t, slowTiny(out, "--set", "pretrain.lr_heads=1")...).failed(exitFailed, "pretrain.lr_heads", "another")
	elsewhere := slowTiny(out, "--force")
	elsewhere[slices.Index(elsewhere, "--corpus")+1] = filepath.Join(out, "none")
	vsim(t, elsewhere...).failed(exitFailed, "none")
	if !sameFiles(before, snapshot(t, out)) {
		t.Error("a finished run was changed")
	}
	v := vsim(t, slowTiny(out, "--force", "--set", "pretrain.epochs=0", "--json")...).ended(exitDone).object()
	near(t, "steps after --force", v["steps"], 0, 0)
	if len(steps(out)) != 0 {
		t.Error("--force left the old training log")
	}
}

// limited runs the command with every file it writes bounded below the size of the weights: a save fails half way, as on a
// full disk.
func limited(t *testing.T, args ...string) outcome {
	t.Helper()
	// In units of 512 bytes, or 1024 in some shells: below the 5.6 MB of the weights either way.
	o := finish(t, exec.Command("sh", append([]string{"-c", `ulimit -f 4000; exec "$0" "$@"`, binary}, args...)...))
	o.stderr = lastLine(o.stderr)
	return o
}

// fullDisk goes on with a run until its next save fails. The checkpoints that were there stay, and no part of another.
func fullDisk(t *testing.T, out string) {
	t.Helper()
	before := snapshot(t, run.Dir(out).Checkpoints())
	limited(t, slowTiny(out)...).failed(exitFailed, out, "file too large")
	if !sameFiles(before, snapshot(t, run.Dir(out).Checkpoints())) {
		t.Error("the failed save changed the checkpoints")
	}
}

// TestFullDiskAtTheEnd lets the save of the model directory fail.
func TestFullDiskAtTheEnd(t *testing.T) {
	onCPU(t)
	out := filepath.Join(t.TempDir(), "run")
	args := []string{"pretrain", "--corpus", emojiDir, "--recipe", "tiny", "--set", "pretrain.epochs=0", "--out", out}
	limited(t, args...).failed(exitFailed, run.WeightsFile, "file too large")
	if jsonfile.Exists(run.Dir(out).Result()) || jsonfile.Exists(filepath.Join(run.Dir(out).Model(), run.WeightsFile)) {
		t.Error("a run that could not save its model has a result")
	}
	vsim(t, args...).ended(exitDone)
}

// same compares the weights that two runs ended with.
func same(t *testing.T, want, got string) {
	t.Helper()
	file := func(dir string) string { return filepath.Join(run.Dir(dir).Model(), run.WeightsFile) }
	if a, b := hashOf(t, file(want)), hashOf(t, file(got)); a != b {
		t.Errorf("the weights differ from the undisturbed run's: %s, want %s", b, a)
	}
}
