// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bytes"
	"encoding/csv"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/trainer"
)

// pretend writes what training and embedding a model would leave, with random embeddings.
func pretend(t *testing.T, p place, name string, seed uint64, split string) {
	t.Helper()
	r, err := Recipe(1, "finetune.split="+split)
	if err != nil {
		t.Fatal(err)
	}
	r.Finetune.Seed = int64(seed)
	for stage, result := range map[string]any{pretrain: trainer.PretrainResult{Steps: 7}, finetune: trainer.FinetuneResult{Steps: 9, TrainPairs: 640}} {
		dir := Run(name, stage)
		if err := os.MkdirAll(string(dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := run.WriteJSON(dir.Recipe(), r); err != nil {
			t.Fatal(err)
		}
		if err := run.WriteJSON(dir.Result(), result); err != nil {
			t.Fatal(err)
		}
	}
	c, err := corpus.Open(p.corpus)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(seed, 1))
	for _, part := range []string{"pairwise", "test_a"} {
		videos, err := c.Part(part)
		if err != nil {
			t.Fatal(err)
		}
		set := &embeddings.Set{IDs: videos.IDs(), Dim: 5}
		for range len(set.IDs) * set.Dim {
			set.Data = append(set.Data, float32(random.NormFloat64()))
		}
		if err := set.Write(Embeddings(name, part)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := addSeconds(filepath.Join(p.runs, name), pretrain, float64(seed), true); err != nil {
		t.Fatal(err)
	}
}

func TestEvaluate(t *testing.T) {
	p := settle(t)
	pretend(t, p, "one", 1, competition.SplitReleased)
	pretend(t, p, "two", 2, competition.SplitReleased)
	if joints, err := Ensemble("both", "one", "two"); err != nil || len(joints) != 2 || joints[0].Dim != 10 || math.Abs(joints[0].Explained-1) > 1e-9 {
		t.Fatalf("Ensemble: %+v, %v", joints, err)
	}
	scores, err := Evaluate("r", "one", "two", "both")
	if err != nil {
		t.Fatal(err)
	}
	if len(scores) != 6 || scores[0].Split != "validation, released" || scores[3].Split != "test_a" || scores[5].Model != "both" {
		t.Fatalf("scores %+v", scores)
	}
	// The same numbers from the packages that know, by another way.
	pairs, err := corpus.ReadPairs(filepath.Join(p.corpus, "test_a", "label.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := embeddings.Read(Embeddings("two", "test_a"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := evaluate.Score(set, pairs)
	if err != nil {
		t.Fatal(err)
	}
	if got := scores[4]; got.Spearman != want.Spearman || got.MSE != want.MSE || got.Pairs != 2893 || got.LeakedPairs != 0 {
		t.Errorf("two on test_a: %+v, want %+v", got, want)
	}
	// On data/emoji every clip that is held out stands in a training pair too: shown by `vsim data check` and the split's rule.
	if got := scores[0]; got.Pairs != 505 || got.LeakedPairs != 505 {
		t.Errorf("one on the held-out pairs: %+v", got)
	}
	var o Outcome
	if err := readJSON(Results("r"), &o); err != nil {
		t.Fatal(err)
	}
	if o.Scale != tiny || len(o.Members) != 2 || len(o.Ensembles) != 2 || len(o.Scores) != 6 || o.Members[1].FinetuneSeed != 2 || o.Members[1].PretrainSeconds != 2 ||
		o.Members[0].FinetunePairs != 640 || o.Members[0].PretrainSteps != 7 {
		t.Errorf("results file %+v", o)
	}
	data, err := os.ReadFile(Results("r"))
	if err != nil || bytes.Contains(data, []byte(p.root)) || bytes.Contains(data, []byte(p.runs)) {
		t.Errorf("the results file names this machine's folders (%v)", err)
	}
}

func TestEvaluateRefuses(t *testing.T) {
	p := settle(t)
	pretend(t, p, "one", 1, competition.SplitReleased)
	pretend(t, p, "other", 2, competition.SplitStrict)
	if _, err := Ensemble("both", "one", "other"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		names []string
		want  string
	}{
		"two splits":    {[]string{"one", "other"}, "cannot be compared"},
		"no member":     {[]string{"both"}, "name a finetuned model"},
		"not trained":   {[]string{"nobody"}, "is not finished; run the cell"},
		"no such model": {[]string{"a/b"}, "no name of a model"},
	} {
		if _, err := Evaluate("r", c.names...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", name, err, c.want)
		}
	}
	if _, err := Ensemble("none", "one", "nobody"); err == nil || !strings.Contains(err.Error(), "run the cell that embeds") {
		t.Errorf("an ensemble with one that has no embeddings: %v", err)
	}
	if _, err := Ensemble("none"); err == nil {
		t.Error("an ensemble of none")
	}
	if _, err := Finetune("fresh", recipe.Recipe{}); err == nil || !strings.Contains(err.Error(), "pretrains it first") {
		t.Errorf("finetuning without a model: %v", err)
	}
	if err := Summary("none"); err == nil || !strings.Contains(err.Error(), "run the cell that evaluates") {
		t.Errorf("a summary of nothing: %v", err)
	}
}

func TestHalf(t *testing.T) {
	// IEEE 754 binary16, by the standard's table.
	for bits, want := range map[uint16]float64{0x0000: 0, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0001: math.Ldexp(1, -24), 0x3555: 0.333251953125} {
		if got := half(bits); got != want {
			t.Errorf("half(%#04x) = %g, want %g", bits, got, want)
		}
	}
}

func TestCorpusAndRecord(t *testing.T) {
	settle(t)
	parts, err := Corpus()
	if err != nil {
		t.Fatal(err)
	}
	// data/emoji/README.md
	if len(parts) != 4 || parts[0].Records != 1147 || parts[1].Pairs != 12000 || parts[2].Records != 322 || parts[2].Pairs != 2893 || parts[3].Pairs != 0 {
		t.Errorf("parts %+v", parts)
	}
	if err := Record("pairwise", "贵宾犬"); err != nil {
		t.Error(err)
	}
	if err := Record("pairwise", "no such title"); err == nil || !strings.Contains(err.Error(), "no such title") {
		t.Errorf("a title that is not there: %v", err)
	}
	if err := Record("pointless", "x"); err == nil {
		t.Error("a part that is not there")
	}
}

func TestGallery(t *testing.T) {
	p := settle(t)
	pretend(t, p, "one", 1, competition.SplitReleased)
	if err := Gallery("g", "one", "test_a", "狐狸", "葡萄"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(p.figures, "g.png"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds().Dx() != marginLeft+7*cellWidth || img.Bounds().Dy() != headHeight+2*cellHeight || len(data) > 100_000 {
		t.Errorf("the sheet: %v, %d bytes, %v", img.Bounds(), len(data), err)
	}
	numbers, err := os.ReadFile(filepath.Join(p.figures, "g.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(numbers)).ReadAll()
	if err != nil || len(rows) != 13 || rows[1][1] != "狐狸" || rows[1][2] != "1" || rows[1][5] < rows[2][5] {
		t.Errorf("the numbers %v, %v", rows, err)
	}
	if err := Gallery("again", "one", "test_a", "狐狸", "葡萄"); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(filepath.Join(p.figures, "again.png")); !bytes.Equal(data, again) {
		t.Error("the second sheet differs")
	}
	for name, titles := range map[string][]string{"none": nil, "unknown": {"no such clip"}} {
		if err := Gallery("g", "one", "test_a", titles...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := Gallery("../g", "one", "test_a", "狐狸"); err == nil {
		t.Error("a name with a folder in it")
	}
	if err := Gallery("g", "nobody", "test_a", "狐狸"); err == nil || !strings.Contains(err.Error(), "run the cell that embeds") {
		t.Errorf("no embeddings: %v", err)
	}
}

func TestNearest(t *testing.T) {
	p := settle(t)
	c, err := corpus.Open(p.corpus)
	if err != nil {
		t.Fatal(err)
	}
	videos, err := c.Part("test_a")
	if err != nil {
		t.Fatal(err)
	}
	// On a circle, at angles that grow with the place: the nearest of place i are i±1, then i±2.
	set := &embeddings.Set{IDs: videos.IDs(), Dim: 2}
	for i := range set.IDs {
		angle := float64(i) / 400
		set.Data = append(set.Data, float32(3*math.Cos(angle)), float32(3*math.Sin(angle)))
	}
	v, err := videos.Video(100)
	if err != nil {
		t.Fatal(err)
	}
	all, err := nearest(c, set, "test_a", 4, []string{v.Title})
	if err != nil || len(all) != 1 || len(all[0].list) != 4 {
		t.Fatalf("nearest: %+v, %v", all, err)
	}
	places := map[int64]int{}
	for i, id := range set.IDs {
		places[id] = i
	}
	for i, n := range all[0].list {
		away := places[n.id] - 100
		if max(away, -away) != 1+i/2 || math.Abs(n.cosine-math.Cos(float64(away)/400)) > 1e-6 {
			t.Errorf("neighbour %d is %d places away, cosine %g", i+1, away, n.cosine)
		}
	}
	if got := rowName(0) + rowName(25) + rowName(26) + rowName(27+26); got != "AZAABB" {
		t.Errorf("row names %s", got)
	}
}
