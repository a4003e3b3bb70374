// SPDX-License-Identifier: Apache-2.0

package work

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/study/studytest"
	"vsim/vsimlib/study/table"
	"vsim/vsimlib/study/task"
)

// TestDamagedTask damages one file of a finished study at a time, at random: another run of the study names it and makes it again,
// so that the table is the same, or refuses it.
func TestDamagedTask(t *testing.T) {
	studytest.OnGo(t)
	trials := 60
	if testing.Short() {
		trials = 2
	}
	corpus, runs := studytest.SmallCorpus(t), filepath.Join(t.TempDir(), "runs")
	finish(t, corpus, runs)
	made, err := table.Collect(plan(t, small(t, "labels", corpus, runs)))
	if err != nil {
		t.Fatal(err)
	}
	want := written(t, made)
	var names []string
	err = filepath.WalkDir(runs, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() != ".lock" {
			name, _ := filepath.Rel(runs, path)
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(12, 2))
	for range trials {
		name := names[r.IntN(len(names))]
		copied := filepath.Join(t.TempDir(), "runs")
		if err := os.CopyFS(copied, os.DirFS(runs)); err != nil {
			t.Fatal(err)
		}
		what := filetest.Damage(t, r, filepath.Join(copied, name))
		var said []string
		g := plan(t, small(t, "labels", corpus, copied))
		err := Local(&Worker{Warn: func(line string) { said = append(said, line) }}, 1)(context.Background(), g, func(e Event) {
			if e.Err != nil {
				said = append(said, e.Err.Error())
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		now, err := table.Collect(g)
		if err != nil {
			t.Fatal(err)
		}
		named := slices.ContainsFunc(said, func(line string) bool {
			return strings.Contains(line, filepath.Base(name)) || strings.Contains(line, "has no manifest")
		})
		if !named {
			t.Errorf("%s, %s: not named: %q", name, what, said)
		}
		failed := now.FailedCells() > 0
		if !failed && written(t, now) != want {
			t.Errorf("%s, %s: another table; said %q", name, what, said)
		}
		if refused := strings.HasSuffix(name, "run/vsim.json"); failed && !refused {
			t.Errorf("%s, %s: not mended: %q", name, what, said)
		}
		t.Logf("%s, %s: failed %t, said %q", name, what, failed, said)
	}
}

// TestOlderTask takes tasks whose results an older version wrote as they are.
func TestOlderTask(t *testing.T) {
	studytest.OnGo(t)
	corpus, runs := studytest.SmallCorpus(t), t.TempDir()
	finish(t, corpus, runs)
	g := plan(t, small(t, "labels", corpus, runs))
	made, err := table.Collect(g)
	if err != nil {
		t.Fatal(err)
	}
	for _, planned := range g.Tasks {
		for _, dir := range []string{planned.Dir, string(planned.Run())} {
			if err := os.Remove(filepath.Join(dir, "vsim.json")); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
	}
	var said []string
	trained := false
	w := &Worker{Warn: func(line string) { said = append(said, line) }}
	err = Local(w, 1)(context.Background(), g, func(e Event) { trained = trained || e.State == Running && e.Share > 0 && e.Share < 1 })
	if err != nil {
		t.Fatal(err)
	}
	now, err := table.Collect(g)
	if err != nil || written(t, now) != written(t, made) || trained {
		t.Errorf("another table, or trained again (%t): %v; said %q", trained, err, said)
	}
	for _, planned := range g.Tasks {
		if !planned.Done() || planned.Kind != task.Corpus && len(said) == 0 {
			t.Errorf("%s is not done", planned.Dir)
		}
	}
}
