// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/filetest"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study/studytest"
	"vsim/vsimlib/study/task"
)

// keys are those of a grid's tasks of a kind.
func keys(g *Grid, kind task.Kind) []string {
	var list []string
	for _, t := range g.Tasks {
		if t.Kind == kind {
			list = append(list, t.Key)
		}
	}
	slices.Sort(list)
	return list
}

// TestKeys: a key changes if and only if what the task makes does.
func TestKeys(t *testing.T) {
	corpus := studytest.SmallCorpus(t)
	of := func(name, dir, runs string, set ...string) *Grid { return plan(t, small(t, name, dir, runs, set...)) }
	runs := t.TempDir()
	base := of("labels", corpus, runs)
	copied := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.CopyFS(copied, os.DirFS(corpus)); err != nil {
		t.Fatal(err)
	}
	relabelled := filepath.Join(t.TempDir(), "relabelled")
	if err := os.CopyFS(relabelled, os.DirFS(corpus)); err != nil {
		t.Fatal(err)
	}
	label := filepath.Join(relabelled, "pairwise", "label.tsv")
	data, err := os.ReadFile(label)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	if err := os.WriteFile(label, []byte(strings.Join(lines[1:], "")), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name               string
		grid               *Grid
		pretrain, finetune bool // other than the base's
	}{
		{"again", of("labels", corpus, runs), false, false},
		{"other places", of("labels", copied, t.TempDir()), false, false},
		{"an ensemble's setting", of("labels", corpus, runs, "ensemble.dim=3"), false, false},
		{"a finetuning setting", of("labels", corpus, runs, "finetune.lr_heads=0.25"), false, true},
		{"a pretraining setting", of("labels", corpus, runs, "pretrain.lr_heads=0.25"), true, true},
		{"the model", of("labels", corpus, runs, "model.hidden_size=4"), true, true},
		{"a label", of("labels", relabelled, runs), true, true},
	} {
		if same := slices.Equal(keys(c.grid, task.Pretrain), keys(base, task.Pretrain)); same == c.pretrain {
			t.Errorf("%s: pretraining has the same keys: %t", c.name, same)
		}
		if same := slices.Equal(keys(c.grid, task.Finetune), keys(base, task.Finetune)); same == c.finetune {
			t.Errorf("%s: finetuning has the same keys: %t", c.name, same)
		}
	}
	for _, planned := range base.Tasks {
		if found, ok := base.Task(planned.Key); !ok || found != planned ||
			!strings.HasPrefix(planned.Dir, filepath.Join(runs, "study", string(planned.Kind)+"-"+planned.Key)) {
			t.Errorf("task %s is in %s", planned.Key, planned.Dir)
		}
	}
}

// TestShared counts the distinct tasks of studies of two seeds: what cells have in common stands once, in and across studies.
func TestShared(t *testing.T) {
	corpus, runs := studytest.SmallCorpus(t), t.TempDir()
	pretrained := map[string]bool{}
	for _, c := range []struct {
		study              string
		pretrain, finetune int // a seed
		fresh              int // pretrainings that no study before had
	}{
		{"labels", 1, 2, 1},
		{"tasks", 4, 4, 3},
		{"epochs", 4, 4, 2},       // 0, 1, 2, 4: 0 and 1 are there
		{"loss-weights", 4, 4, 3}, // the base is there
		{"pooling", 2, 5, 1},
		{"corpus-size", 2, 2, 1},
		{"modalities", 3, 3, 2}, // the base is there
		{"ensemble", 6, 6, 5},   // member 1 is the base
	} {
		g := plan(t, small(t, c.study, corpus, runs))
		if p, f := len(keys(g, task.Pretrain)), len(keys(g, task.Finetune)); p != 2*c.pretrain || f != 2*c.finetune {
			t.Errorf("%s: %d pretrainings and %d finetunings, want %d and %d", c.study, p, f, 2*c.pretrain, 2*c.finetune)
		}
		fresh := 0
		for _, key := range keys(g, task.Pretrain) {
			if !pretrained[key] {
				fresh++
			}
			pretrained[key] = true
		}
		if fresh != 2*c.fresh {
			t.Errorf("%s: %d pretrainings are new, want %d", c.study, fresh, 2*c.fresh)
		}
		for i, planned := range g.Tasks {
			for _, n := range g.Needed(planned) {
				if slices.Index(g.Tasks, n) >= i {
					t.Errorf("%s: %s stands before what it needs", c.study, planned.Label)
				}
			}
		}
	}
}

// TestStudiesAtEveryScale plans all studies on the generated corpus, and holds that cells differ in what they say.
func TestStudiesAtEveryScale(t *testing.T) {
	for _, scale := range []string{Tiny, Demo, Paper} {
		for _, name := range Names() {
			s, err := New(name, Options{Scale: scale, Backend: "go", Corpus: Controlled, Runs: t.TempDir()})
			if err != nil {
				t.Errorf("%s %s: %v", name, scale, err)
				continue
			}
			g := plan(t, s)
			tests := map[string]bool{}
			for _, seeds := range g.chains {
				for _, c := range seeds {
					tests[c.Test.Key] = true
				}
			}
			if len(tests) != len(s.Cells)*len(s.Seeds) {
				t.Errorf("%s %s: %d models for %d cells and %d seeds", name, scale, len(tests), len(s.Cells), len(s.Seeds))
			}
			if scale == Demo && len(s.Seeds) < 3 {
				t.Errorf("%s: %d seeds", name, len(s.Seeds))
			}
		}
	}
}

// TestPapersWeights: the baseline of loss-weights is the paper's weights, scaled to the number of tags.
func TestPapersWeights(t *testing.T) {
	s, err := New("loss-weights", Options{Scale: Demo, Corpus: Controlled, Runs: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	want := map[results.Label]float64{"tag half": 500. / 48, "tag off": 0, "tag double": 500. / 12,
		TagWeightAsPaper: 1250. / 3, "mlm half": .5 / 3.75, "mfm double": 2. / 9}
	got := map[results.Label]float64{}
	for _, c := range s.Cells {
		if _, ok := want[c.Label]; !ok {
			continue
		}
		r, err := s.recipe(c, 1)
		if err != nil {
			t.Fatal(err)
		}
		switch c.Label[:3] {
		case "tag":
			got[c.Label] = *r.Pretrain.WeightTag
		case "mlm":
			got[c.Label] = r.Pretrain.WeightMLM
		case "mfm":
			got[c.Label] = r.Pretrain.WeightMFM
		}
	}
	if !maps.EqualFunc(got, want, func(a, b float64) bool { return a-b < 1e-12 && b-a < 1e-12 }) {
		t.Errorf("weights %v, want %v", got, want)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		study string
		o     Options
		want  []string
	}{
		"study": {"loss-weight", Options{Scale: Tiny, Corpus: Controlled},
			[]string{`"loss-weight"`, `nearest is "loss-weights"`, "pooling"}},
		"scale": {"tasks", Options{Scale: "huge", Corpus: Controlled}, []string{`"huge"`, "demo"}},
		"setting": {"tasks", Options{Scale: Tiny, Corpus: Controlled, Set: []string{"pretrain.epoch=3"}},
			[]string{`nearest is "pretrain.epochs"`}},
		"value":  {"tasks", Options{Scale: Tiny, Corpus: Controlled, Set: []string{"pretrain.batch=0"}}, []string{"pretrain.batch"}},
		"seeds":  {"tasks", Options{Scale: Tiny, Corpus: Controlled, Seeds: []int64{3, 3}}, []string{"seed 3"}},
		"corpus": {"tasks", Options{Scale: Tiny, Corpus: filepath.Join(t.TempDir(), "none")}, []string{"none"}},
		"recipe": {"tasks", Options{Scale: Tiny, Corpus: Controlled, Recipe: "nothing"}, []string{`"nothing"`}},
		"a seed": {"tasks", Options{Scale: Tiny, Corpus: Controlled, Set: []string{"pretrain.seed=7"}},
			[]string{"pretrain.seed=7", "--seeds"}},
	} {
		_, err := New(c.study, c.o)
		for _, part := range c.want {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: error %v, want %s in it", name, err, part)
			}
		}
	}
}

// TestTasksBase: the study of tasks pretrains otherwise than the others, and settings go over that.
func TestTasksBase(t *testing.T) {
	for _, c := range []struct {
		study string
		set   []string
		want  string
	}{
		{"tasks", nil, "pretraining is 4 epochs on pairwise and pointwise."},
		{"tasks", []string{"pretrain.epochs=1", "pretrain.max_pointwise=70"},
			"pretraining is 1 epoch on pairwise and the first 70 videos of pointwise."},
		{"labels", nil, "pretraining is 10 epochs on pairwise and the first 10000 videos of pointwise."},
	} {
		s, err := New(c.study, Options{Scale: Demo, Corpus: Controlled, Set: c.set, Runs: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if got := report.Pretraining(s.Base.Pretrain); !strings.HasSuffix(got, c.want) {
			t.Errorf("%s %v: %q, want %q", c.study, c.set, got, c.want)
		}
	}
}

// TestReads: two cells that share a stage hand it the same recipe.
func TestReads(t *testing.T) {
	a, _ := recipe.Preset(Tiny)
	b := a.Clone()
	b.Finetune.Epochs, b.Ensemble.Dim = 7, 9
	if !reads(a, task.Pretrain).Equal(reads(b, task.Pretrain)) || reads(a, task.Finetune).Equal(reads(b, task.Finetune)) {
		t.Error("finetuning is read by pretraining, or not by itself")
	}
	b.Finetune, b.Pretrain.Epochs = a.Finetune, 7
	if reads(a, task.Pretrain).Equal(reads(b, task.Pretrain)) || !reads(a, task.Finetune).Equal(reads(b, task.Finetune)) {
		t.Error("pretraining is read by finetuning, or not by itself")
	}
}

// TestHeldOut: the trainings are the same, the held-out pairs are embedded and scored; an ensemble has its members there too.
func TestHeldOut(t *testing.T) {
	for _, name := range []string{Labels, Ensembles} {
		grids := map[bool]*Grid{}
		for _, heldOut := range []bool{false, true} {
			s, err := New(name, Options{Scale: Tiny, Corpus: Controlled, Runs: "runs", Backend: "go", HeldOut: heldOut})
			if err != nil {
				t.Fatal(err)
			}
			grids[heldOut] = plan(t, s)
		}
		test, heldOut := grids[false], grids[true]
		if test.Scored() != "test_a" || heldOut.Scored() != "held-out pairs of pairwise" {
			t.Errorf("%s: scored %s and %s", name, test.Scored(), heldOut.Scored())
		}
		if !slices.Equal(keys(test, task.Finetune), keys(heldOut, task.Finetune)) {
			t.Errorf("%s: other trainings", name)
		}
		if e := heldOut.Chain(0, 0).Test.Embed; e.Part != "pairwise" || heldOut.Chain(0, 0).Test.Key == test.Chain(0, 0).Test.Key {
			t.Errorf("%s: embeds %s", name, e.Part)
		}
	}
}

// TestBadTestPart: what is wrong with the part that is scored ends a study before anything is trained; no other part is scored.
func TestBadTestPart(t *testing.T) {
	for name, c := range map[string]struct{ file, content, want string }{
		"a record": {"test_a.tfrecords", "no record", "test_a.tfrecords: record 0 at byte 0"},
		"a pair":   {"label.tsv", "1\t2\t0.5\n", "label.tsv:1: id 1 is not among the"},
	} {
		dir := studytest.SmallCorpus(t)
		filetest.Write(t, filepath.Join(dir, "test_a", c.file), c.content)
		for _, heldOut := range []bool{false, true} {
			_, err := New("tasks", Options{Scale: Tiny, Corpus: dir, Runs: t.TempDir(), Backend: "go", HeldOut: heldOut})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, held out %t: %v, want %q", name, heldOut, err, c.want)
			}
		}
	}
}

// TestImpossibleSplit: a split of which finetuning could make nothing ends a study before anything is trained.
func TestImpossibleSplit(t *testing.T) {
	dir := studytest.SmallCorpus(t)
	pairs, err := corpus.ReadPairs(filepath.Join(dir, competition.Pairwise, competition.LabelFile))
	if err != nil {
		t.Fatal(err)
	}
	lines := ""
	for _, p := range pairs {
		if p.A%5 != 0 || p.B%5 != 0 {
			lines += fmt.Sprintf("%d\t%d\t%g\n", p.A, p.B, p.Score)
		}
	}
	filetest.Write(t, filepath.Join(dir, competition.Pairwise, competition.LabelFile), lines)
	_, err = small(t, "labels", dir, t.TempDir(), "finetune.fold=0").Plan()
	if err == nil || !strings.Contains(err.Error(), "and 0 to validate on; use another fold") {
		t.Errorf("no pair is held out: %v", err)
	}
	if _, err := small(t, "labels", dir, t.TempDir(), "finetune.fold=1").Plan(); err != nil {
		t.Error(err)
	}
}
