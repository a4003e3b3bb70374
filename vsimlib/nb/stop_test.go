// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/janpfeifer/must"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/run"
	"vsim/vsimlib/workspace"
)

// childEnv makes this test's program a cell: it does what the variable says.
const childEnv = "VSIM_NB_TEST_CELL"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "":
		os.Exit(m.Run())
	case "willing": // work that ends when it is asked to
		Check(stoppable("pretrain m", func() string { return " at step 3 of 9" }, func(ctx context.Context) error {
			fmt.Fprintln(os.Stderr, "working")
			<-ctx.Done()
			return fmt.Errorf("pretrain: %w", ctx.Err())
		}))
	case "deaf": // work that does not, as a compilation
		Check(stoppable("pretrain m", nil, func(context.Context) error {
			fmt.Fprintln(os.Stderr, "working")
			select {}
		}))
	case "failing":
		Check(stoppable("pretrain m", nil, func(context.Context) error {
			return fmt.Errorf("no space left\n\tgoroutine 1")
		}))
	case "showing":
		Show(Evaluate("r", "a/b"))
	case "must": // as the package comment has it
		must.M = Check
		must.M1(Evaluate("r", "a/b"))
	case "pretrain":
		r := Must(Recipe(1, "pretrain.epochs=2", "pretrain.val_videos=0", "pretrain.checkpoint_every=1000"))
		Show(Pretrain("m", r))
	case "study":
		Show(Study("labels"))
	case "grid":
		Show(Grid("My study", smallest(), Cell("small", "model.hidden_size=4"), Cell("large", "model.hidden_size=8"), Seeds(1, 2)))
	case "product":
		Show(Study("loss-weights", smallest(), Seeds(1), Set("pretrain.epochs=1"), Vary("pretrain.weight_tag", 0, 20.8),
			Vary("model.hidden_size", 4, 8)))
	case "refused":
		Show(Grid("My study", Vary("pretrain.weight_tags", 1)))
	}
	os.Exit(0)
}

// cellOf starts this program as a cell.
func cellOf(t *testing.T, what string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+what)
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, bufio.NewScanner(out)
}

// interrupt sends SIGINT once a line with those words has come, and returns the last line and how long the cell lasted.
func interrupt(t *testing.T, cmd *exec.Cmd, lines *bufio.Scanner, words string) (last string, took time.Duration) {
	t.Helper()
	var sent time.Time
	for lines.Scan() {
		last = lines.Text()
		if sent.IsZero() && strings.Contains(last, words) {
			sent = time.Now()
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
		}
	}
	if sent.IsZero() {
		t.Errorf("the cell never said %q; its last line is %q", words, last)
	}
	_ = cmd.Wait()
	return last, time.Since(sent)
}

func TestInterrupt(t *testing.T) {
	for _, c := range []struct {
		what, want string
		least      time.Duration
	}{
		{"willing", "pretrain m: stopped at step 3 of 9; run the cell again to go on", 0},
		{"deaf", "pretrain m: stopped in the middle of a step; run the cell again to go on from the last checkpoint", patience},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			cmd, lines := cellOf(t, c.what)
			last, took := interrupt(t, cmd, lines, "working")
			if last != c.want || cmd.ProcessState.ExitCode() != exitStopped {
				t.Errorf("exit status %d, %q, want %q", cmd.ProcessState.ExitCode(), last, c.want)
			}
			if took >= 4*time.Second || took < c.least {
				t.Errorf("the cell ended %v after the interrupt", took)
			}
		})
	}
}

// TestFailure: a cell that fails ends with one line, whichever way it takes a value.
func TestFailure(t *testing.T) {
	for what, want := range map[string]string{
		"failing": "no space left; goroutine 1", "showing": `invalid model name "a/b"`, "must": `invalid model name "a/b"`,
	} {
		cmd, lines := cellOf(t, what)
		var all []string
		for lines.Scan() {
			all = append(all, lines.Text())
		}
		_ = cmd.Wait()
		if got := strings.Join(all, "|"); got != want || cmd.ProcessState.ExitCode() != exitFailed {
			t.Errorf("%s: exit status %d, %q", what, cmd.ProcessState.ExitCode(), got)
		}
	}
}

// TestInterruptedTrainingGoesOn stops a pretraining cell and runs it again.
func TestInterruptedTrainingGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("trains in three processes, each of which compiles its programs")
	}
	backendstest.Backend(t) // installs the plugin where it is missing
	settle(t)
	cmd, lines := cellOf(t, "pretrain")
	last, took := interrupt(t, cmd, lines, "step 1 of 142")
	if !strings.HasPrefix(last, "pretrain m: stopped") || !strings.Contains(last, "run the cell again to go on") ||
		cmd.ProcessState.ExitCode() != exitStopped {
		t.Fatalf("exit status %d, %q", cmd.ProcessState.ExitCode(), last)
	}
	if took >= 4*time.Second {
		t.Errorf("the cell ended %v after the interrupt", took)
	}
	dir := Run("m", workspace.Pretrain)
	before, err := run.ReadMetrics(dir.Metrics())
	if err != nil {
		t.Fatal(err)
	}
	if len(before) == 0 || len(before) == 142 {
		t.Errorf("%d steps were logged before the stop", len(before))
	}
	again, lines := cellOf(t, "pretrain")
	for lines.Scan() {
		last = lines.Text()
	}
	if err := again.Wait(); err != nil || !strings.Contains(last, "pretrain m: 142 steps") {
		t.Fatalf("run again: %v, %q", err, last)
	}
	after, err := run.ReadMetrics(dir.Metrics())
	if err != nil || len(after) != 142 {
		t.Fatalf("%d lines of metrics, %v", len(after), err)
	}
	for i, fields := range after { // no step twice, none missing
		if fields["step"] != float64(i+1) {
			t.Fatalf("line %d is of step %v", i+1, fields["step"])
		}
	}
	third, lines := cellOf(t, "pretrain")
	for lines.Scan() {
		last = lines.Text()
	}
	if err := third.Wait(); err != nil || !strings.Contains(last, "done before") {
		t.Errorf("a third time: %v, %q", err, last)
	}
}
