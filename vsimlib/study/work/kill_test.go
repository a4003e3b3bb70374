// SPDX-License-Identifier: Apache-2.0

package work

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"vsim/vsimlib/study"
	"vsim/vsimlib/study/studytest"
	"vsim/vsimlib/trainer"
)

// TestStopped stops a study at ten random events and goes on: the table is that of an undisturbed one, on one worker or two, and
// no task came to its end twice.
func TestStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("dozens of trainings")
	}
	studytest.OnGo(t)
	corpus := studytest.SmallCorpus(t)
	events := 0
	whole, err := newLedger().local(context.Background(), plan(t, small(t, "epochs", corpus, t.TempDir())), 2,
		func(Event) { events++ })
	if err != nil {
		t.Fatal(err)
	}
	runs, r, l := t.TempDir(), rand.New(rand.NewPCG(1, 2)), newLedger()
	stops := 0
	for stops < 10 {
		ctx, cancel := context.WithCancel(context.Background())
		left := 1 + r.IntN(events/12)
		_, err := l.local(ctx, plan(t, small(t, "epochs", corpus, runs)), 1, func(e Event) {
			if e.State != Running || e.Share > 0 {
				left--
			}
			if left == 0 {
				cancel()
			}
		})
		cancel()
		if err == nil {
			t.Fatalf("done after %d stops", stops)
		}
		if !errors.Is(err, trainer.ErrStopped) && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		stops++
	}
	table, err := l.local(context.Background(), plan(t, small(t, "epochs", corpus, runs)), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := written(t, table), written(t, whole); got != want {
		t.Errorf("another table:\n%s\nwant\n%s", got, want)
	}
	l.check(t, plan(t, small(t, "epochs", corpus, runs)))
}

// check holds that every task of the grid came to its end once.
func (l *ledger) check(t *testing.T, g *study.Grid) {
	t.Helper()
	for _, task := range g.Tasks {
		if !task.Done() || l.ended[task.Key] != 1 {
			t.Errorf("%s of %s: done %t, came to its end %d times", task.Kind, task.Label, task.Done(), l.ended[task.Key])
		}
	}
}

// killed names the corpus and the runs to a child process that TestKilled kills.
const killed = "VSIM_STUDY_KILLED"

// TestKilled kills a process with SIGKILL after ten random events: a task that begins, a step, a save, a task that ends.
func TestKilled(t *testing.T) {
	studytest.OnGo(t)
	if places := os.Getenv(killed); places != "" {
		corpus, runs, _ := strings.Cut(places, "|")
		began := map[string]bool{}
		_, err := collect(context.Background(), plan(t, small(t, "labels", corpus, runs)), Local(&Worker{}, 1), func(e Event) {
			switch {
			case e.State == Running && !began[e.Task.Key]:
				began[e.Task.Key] = true
				fmt.Println("begun", e.Task.Key)
			case e.State == Done && began[e.Task.Key]:
				fmt.Println("ended", e.Task.Key)
			default:
				fmt.Println("event")
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	if testing.Short() {
		t.Skip("a dozen processes")
	}
	corpus := studytest.SmallCorpus(t)
	events := 0
	whole, err := newLedger().local(context.Background(), plan(t, small(t, "labels", corpus, t.TempDir())), 1,
		func(Event) { events++ })
	if err != nil {
		t.Fatal(err)
	}
	runs, r, ended := t.TempDir(), rand.New(rand.NewPCG(3, 4)), map[string]int{}
	for range 10 {
		killOnce(t, corpus, runs, 1+r.IntN(max(1, events/16)), ended)
	}
	table, err := newLedger().local(context.Background(), plan(t, small(t, "labels", corpus, runs)), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := written(t, table), written(t, whole); got != want {
		t.Errorf("another table:\n%s\nwant\n%s", got, want)
	}
	for key, times := range ended {
		if times > 1 {
			t.Errorf("task %s came to its end %d times", key, times)
		}
	}
}

// killOnce starts a child and kills it after that many events.
func killOnce(t *testing.T, corpus, runs string, after int, ended map[string]int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), killed+"="+corpus+"|"+runs)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if after--; after == 0 {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		if key, ok := strings.CutPrefix(lines.Text(), "ended "); ok {
			ended[key]++
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the child was done before it was killed")
	}
}
