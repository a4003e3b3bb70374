// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/trainer"
)

// screen is a console on a buffer, with a clock that the test moves.
func screen(terminal bool, width int) (c *Console, text *strings.Builder, pass func(time.Duration)) {
	clock := time.Unix(1000, 0)
	text = &strings.Builder{}
	s := Screen{Writer: text, Terminal: terminal, Width: func() int { return width }, Now: func() time.Time { return clock }}
	return NewConsole(s), text, func(d time.Duration) { clock = clock.Add(d) }
}

func expect(t *testing.T, text *strings.Builder, want string) {
	t.Helper()
	if got := text.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	text.Reset()
}

func TestConsoleInALog(t *testing.T) {
	c, text, pass := screen(false, 80)
	c.Progress("work", Note("1/9"), false)
	c.Progress("work", Note("2/9"), false)
	pass(logEvery - 1)
	c.Progress("work", Note("3/9"), false)
	expect(t, text, "vsim: 1/9\n")
	pass(1)
	c.Progress("work", Note("4/9"), false)
	c.Progress("work", Note("9/9"), true)
	c.Progress("more", Note("0/2"), false)
	c.Done()
	expect(t, text, "vsim: 4/9\nvsim: 9/9\nvsim: 0/2\n")
}

func TestConsoleInATerminal(t *testing.T) {
	c, text, pass := screen(true, 12)
	c.Progress("work", Note("1/9 and a line that is too long"), false)
	expect(t, text, "1/9 and a …")
	c.Progress("work", Note("2/9"), false)
	expect(t, text, "")
	pass(terminalEvery)
	c.Progress("work", Note("3/9"), false)
	expect(t, text, "\r\x1b[K3/9")
	if _, err := c.Write([]byte("vsim: warning: x\n")); err != nil {
		t.Fatal(err)
	}
	expect(t, text, "\r\x1b[Kvsim: warning: x\n3/9")
	c.Done()
	c.Done()
	expect(t, text, "\n")
}

func TestConsoleOfAFile(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if c := ScreenOf(f); c.Terminal || c.Width() != 80 {
		t.Errorf("a file is taken for a terminal (%t) of width %d", c.Terminal, c.Width())
	}
}

func TestTrainingLines(t *testing.T) {
	step := trainer.Progress{Stage: "pretrain", Step: 30, Steps: 120, Epoch: .25, Epochs: 1, VideosPerS: 1234.5,
		Remaining: 83400 * time.Millisecond,
		Losses:    []trainer.Loss{{Name: "loss", Value: 12.3456}, {Name: "loss_tag", Value: .5}}}
	found := trainer.Progress{Stage: trainer.Validated, Step: 30, Steps: 120,
		Losses: []trainer.Loss{{Name: "val_spearman", Value: .61}}}
	for _, c := range []struct {
		p     trainer.Progress
		width int // 0: a log
		want  string
	}{
		{step, 0, "pretrain 30/120  1,235 videos/s  1m23s left  epoch 0.2/1  loss 12.35  loss_tag 0.5"},
		{step, 40, "pretrain 30/120  1,235/s  1m23s left"},
		{step, 80, "pretrain █████░░░░░░░░░░░░░░░ 30/120  1,235 videos/s  1m23s left  epoch 0.2/1"},
		{step, 120, "pretrain █████░░░░░░░░░░░░░░░ 30/120  1,235 videos/s  1m23s left  epoch 0.2/1  loss 12.35  loss_tag 0.5"},
		{trainer.Progress{Stage: "index", Done: 512, Total: 2048, Unit: trainer.MiB}, 0,
			"reading and checking the records (MiB) 512/2048"},
		{trainer.Progress{Stage: "compile", Step: 4, Steps: 9}, 80, "compiling the training step  4 of 9 steps done"},
		{trainer.Progress{Stage: "validate", Step: 4, Steps: 9}, 80, "validating at step 4/9"},
		{trainer.Progress{Stage: "validate", Step: 4, Steps: 9, Done: 1, Total: 3, Unit: trainer.Videos}, 0, "validating at step 4/9 1/3"},
		{found, 80, "validated at step 30/120  val_spearman 0.61"},
		{trainer.Progress{Stage: trainer.Freed, Done: 116e6, Total: 174e6, Unit: trainer.Bytes}, 80,
			"freed 116 MB of checkpoints  the last has 58 MB"},
		{trainer.Progress{Stage: trainer.Planned, Done: 14.1e9, Total: 14.4e9, Unit: trainer.Bytes}, 0,
			"memory of a step: planned 14.1 GB, the compiler's own plan is 14.4 GB"},
	} {
		got := c.p.Line().String()
		if c.width > 0 {
			got = c.p.Line().Columns(c.width - 1)
		}
		if got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

// TestTrainingReport: in a terminal what a validation found stays, and the bar goes on below it.
func TestTrainingReport(t *testing.T) {
	c, text, pass := screen(true, 200)
	report := c.Training()
	report(trainer.Progress{Stage: "finetune", Step: 1, Steps: 2})
	pass(time.Second)
	report(trainer.Progress{Stage: trainer.Validated, Step: 1, Steps: 2, Losses: []trainer.Loss{{Name: "val_mse", Value: .25}}})
	report(trainer.Progress{Stage: "finetune", Step: 2, Steps: 2})
	lines := strings.Split(text.String(), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[0], "\x1b[Kvalidated at step 1/2  val_mse 0.25") ||
		!strings.HasPrefix(lines[1], "finetune") {
		t.Errorf("%q", lines)
	}
}

func TestVideosReport(t *testing.T) {
	c, text, pass := screen(false, 80)
	report := c.Videos("embed")
	report(10, 100)
	pass(2 * logEvery)
	report(30, 100)
	report(100, 100)
	expect(t, text, "vsim: embed 10/100\nvsim: embed 30/100  2 videos/s  35 s left\nvsim: embed 100/100  9 videos/s\n")
}

// TestProgressIsClean: what steers a terminal is in no line of progress.
func TestProgressIsClean(t *testing.T) {
	c, text, _ := screen(false, 80)
	c.Progress("work", Note("\x1b[2Ja\nb"), false)
	expect(t, text, "vsim: [2Ja b\n")
}
