// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/run"
)

// filesOf lists the files below a directory but its lock.
func filesOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == ".lock" {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestDamagedRun damages one file of a finished run at a time, at random: the run names it, and makes it again or refuses it.
func TestDamagedRun(t *testing.T) {
	trials := 200
	if testing.Short() {
		trials = 20
	}
	o := goOptions(t, "pretrain.epochs=1", "finetune.epochs=1", "finetune.select=best")
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	fine := o
	fine.Init, fine.Out = pre.Model, filepath.Join(t.TempDir(), "fine")
	if _, err := Finetune(context.Background(), fine); err != nil {
		t.Fatal(err)
	}
	again := map[string]func(context.Context, Options) error{o.Out: pretrain, fine.Out: finetune}
	r := rand.New(rand.NewPCG(12, 1))
	outcomes := map[string]int{}
	for range trials {
		of := []Options{o, fine}[r.IntN(2)]
		copied := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(copied, os.DirFS(of.Out)); err != nil {
			t.Fatal(err)
		}
		whole := filesOf(t, copied)
		names := make([]string, 0, len(whole))
		for name := range whole {
			names = append(names, name)
		}
		slices.Sort(names)
		name := names[r.IntN(len(names))]
		kind := filetest.Damage(t, r, filepath.Join(copied, name))
		var said []string
		work := again[of.Out]
		of.Out, of.Warn = copied, func(line string) { said = append(said, line) }
		err := work(context.Background(), of)
		if err != nil {
			said = append(said, err.Error())
		}
		what := fmt.Sprintf("%s %s: error %v, said %q", name, kind, err, said)
		if !slices.ContainsFunc(said, func(line string) bool { return strings.Contains(line, filepath.Base(name)) }) {
			if name != "vsim.json" || kind != "deleted" || len(said) == 0 {
				t.Errorf("not named: %s", what)
			}
		}
		outcomes[fmt.Sprintf("%s %s, error: %t", name, kind, err != nil)]++
		if err == nil {
			sameRun(t, what, whole, copied)
		}
	}
	t.Log(outcomes)
}

// untimed is a file without the lines of a model card that say how long its run took.
func untimed(data []byte) string { return secondsLine.ReplaceAllString(string(data), "") }

var secondsLine = regexp.MustCompile(`(?m)^(- | *)seconds: [0-9.]+\n`)

// sameRun compares a run that was mended with what it was.
func sameRun(t *testing.T, what string, whole map[string][]byte, dir string) {
	t.Helper()
	if err := manifest.Hold(dir); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	now := filesOf(t, dir)
	for name, data := range whole {
		if name == "vsim.json" || name == "result.json" || strings.HasPrefix(name, "checkpoints") {
			continue // speeds differ
		}
		if untimed(now[name]) != untimed(data) {
			t.Errorf("%s: %s is not as it was", what, name)
		}
	}
	if !strings.Contains(string(now["result.json"]), `"steps"`) {
		t.Errorf("%s: no result", what)
	}
}

// TestCheckpointKnowsItsRun: a checkpoint is not continued by another run, though the files of the directory do not say which it
// was; one that they say nothing of continues the run itself.
func TestCheckpointKnowsItsRun(t *testing.T) {
	o := goOptions(t)
	whole, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Out = t.TempDir()
	stopAt(t, o, 10, pretrain)
	dir := run.Dir(o.Out)
	metrics, err := os.ReadFile(dir.Metrics())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir.Recipe(), dir.Identity(), dir.Metrics()} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	other := o
	other.Recipe = o.Recipe.Clone()
	other.Recipe.Pretrain.Seed, other.Recipe.Pretrain.LRHeads = 99, .5
	_, err = Pretrain(context.Background(), other)
	mustFail(t, err, "step-00000010", "belongs to a different run", "pretrain.seed was ", "is 99", "pretrain.lr_heads")
	var warned []string
	o.Warn = func(line string) { warned = append(warned, line) }
	_, err = Pretrain(context.Background(), o)
	mustFail(t, err, dir.Metrics(), "the lines of steps 1 to 10 are gone")
	write(t, dir.Metrics(), strings.Replace(string(metrics), `"lr":`, `"lr":1`, 1))
	_, err = Pretrain(context.Background(), o)
	mustFail(t, err, dir.Metrics(), "a line was altered since the checkpoint of step 10")
	write(t, dir.Metrics(), string(metrics))
	o.Recipe = o.Recipe.Clone()
	o.Recipe.Finetune.Epochs, o.Recipe.Pretrain.CheckpointEvery = 17, 3
	again, err := Pretrain(context.Background(), o)
	if err != nil || modelHash(t, again.Model) != modelHash(t, whole.Model) {
		t.Errorf("other weights than the undisturbed run: %v", err)
	}
	if len(warned) != 2 || !strings.Contains(warned[0], "identity.json: is missing; written again") {
		t.Errorf("warned %q", warned)
	}
}

// TestGoneLines names the steps that metrics.jsonl has lost before the step that a run continues from.
func TestGoneLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	line := func(step int) string { return fmt.Sprintf(`{"step":%d,"loss":1}`+"\n", step) }
	for _, c := range []struct {
		text, want string
		step       int
	}{
		{line(1) + line(2), "", 2},
		{line(1) + line(2) + line(3) + "{\"st", "", 2},
		{line(1) + line(3), "step 2 are gone, and the run continues from step 3", 3},
		{line(1) + string(make([]byte, 40)), "steps 2 to 4 are gone", 4},
		{line(2) + line(4) + line(6) + line(8), "step 1, step 3, step 5, others are gone", 9},
		{"", "steps 1 to 7 are gone", 7},
		{"", "", 0},
	} {
		write(t, path, c.text)
		m, err := run.ResumeMetrics(path, c.step, "")
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q from step %d: %v, want %q", c.text, c.step, err, c.want)
		}
		if err == nil {
			_ = m.Close()
		}
	}
}
