// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results/resultstest"
	"vsim/vsimlib/run"
)

// TestCollect: a study without runs is told from its saved table, from the committed one, or says what to run; nothing is trained.
func TestCollect(t *testing.T) {
	w := settle(t)
	if _, err := Collect("tusks"); err == nil || !strings.Contains(err.Error(), `"tasks"`) {
		t.Errorf("an unknown study: %v", err)
	}
	s, err := studyOf("labels", []StudyOption{OnEmoji}) // of which no table is committed
	if err != nil {
		t.Fatal(err)
	}
	if table, _, err := s.Collect(); err != nil || table != nil {
		t.Errorf("a study that nobody ran: %+v, %v", table, err)
	}
	if got := s.Missing(); !strings.Contains(got, "`vsim study labels --corpus emoji --scale tiny`") {
		t.Errorf("missing: %s", got)
	}
	if _, err := Claims("tasks"); err == nil {
		t.Error("claims about nothing")
	}
	table := resultstest.TasksTable()
	table.Scale = competition.ScaleTiny
	// of a study that was not finished, whose runs are elsewhere
	if _, err := report.WriteStudy(w.Results, "study-tasks", table); err != nil {
		t.Fatal(err)
	}
	if _, err := Collect("tasks"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(w.Figures, "study_tasks-cells.csv")); err != nil {
		t.Error(err)
	}
	if _, err := Claims("tasks", "epochs"); err != nil {
		t.Fatal(err)
	}
	none := []byte(`"verdict": "no verdict from one seed, or at tiny"`)
	if data, err := os.ReadFile(Results("study-claims")); err != nil || !bytes.Contains(data, none) {
		t.Errorf("the claims' file: %s, %v", data, err)
	}
	t.Setenv("VSIM_STUDY", "collect")
	if _, err := Study("tasks"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(w.Studies, "study")); err == nil {
		t.Error("something was trained")
	}
}

// interruptOnceThere interrupts the cell once a file of that pattern has something in it, and returns its last line and how long
// it went on.
func interruptOnceThere(t *testing.T, cmd *exec.Cmd, lines *bufio.Scanner, pattern string) (last string, took time.Duration) {
	t.Helper()
	sent, ended := make(chan time.Time, 1), make(chan struct{})
	go func() {
		defer close(sent)
		for {
			found, _ := filepath.Glob(pattern)
			if len(found) > 0 {
				if info, err := os.Stat(found[0]); err == nil && info.Size() > 0 {
					_ = cmd.Process.Signal(syscall.SIGINT)
					sent <- time.Now()
					return
				}
			}
			select {
			case <-ended:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	for lines.Scan() {
		last = lines.Text()
	}
	close(ended)
	at, ok := <-sent
	if !ok {
		t.Fatalf("nothing like %s came to be; the cell's last line is %q", pattern, last)
	}
	_ = cmd.Wait()
	return last, time.Since(at)
}

// TestStudyGoesOn stops a study's cell and runs it again.
func TestStudyGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	backendstest.Backend(t) // installs the plugin where it is missing
	w := settle(t)
	cmd, lines := cellOf(t, "study")
	// Of a task this short no line is sure to tell.
	last, took := interruptOnceThere(t, cmd, lines, filepath.Join(w.Studies, "study", "pretrain-*", "run", "metrics.jsonl"))
	if !strings.HasPrefix(last, "study labels: stopped") || cmd.ProcessState.ExitCode() != exitStopped || took.Seconds() >= 4 {
		t.Fatalf("exit status %d after %v, %q", cmd.ProcessState.ExitCode(), took, last)
	}
	if _, err := os.Stat(filepath.Join(w.Results, "study-labels.json")); err == nil {
		t.Error("a study that was stopped has a table")
	}
	again, lines := cellOf(t, "study")
	for lines.Scan() {
		last = lines.Text()
	}
	if err := again.Wait(); err != nil || last != "study labels: 6 of 6 tasks" {
		t.Fatalf("run again: %v, %q", err, last)
	}
	metrics, err := filepath.Glob(filepath.Join(w.Studies, "study", "pretrain-*", "run"))
	if err != nil || len(metrics) != 1 {
		t.Fatalf("pretrainings %v, %v", metrics, err)
	}
	everyStepOnce(t, run.Dir(metrics[0]))
	for _, file := range []string{filepath.Join(w.Results, "study-labels.json"), filepath.Join(w.Results, "study-labels.md"),
		filepath.Join(w.Figures, "study_labels-cells.svg")} {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
}
