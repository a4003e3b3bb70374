// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/stat"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/run"
)

// pearsonOptions are options of a finetuning by softmax_pearson, from a model that is pretrained for two epochs.
func pearsonOptions(t *testing.T, o Options, set ...string) Options {
	t.Helper()
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Recipe = o.Recipe.Clone()
	for _, s := range append([]string{"finetune.loss=softmax_pearson"}, set...) {
		if err := o.Recipe.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	o.Init, o.Out = pre.Model, filepath.Join(t.TempDir(), "tuned")
	return o
}

// TestPearsonOfCosines makes all training pairs one batch, without dropout: the loss before the first update is minus the
// correlation of their labels with the softmax of the cosines that the embedder gives, packed or not, on raw labels too.
func TestPearsonOfCosines(t *testing.T) {
	base := pearsonOptions(t, goOptions(t, noDropout...), "finetune.batch=500", "finetune.temperature=0.5")
	for _, set := range []string{"finetune.labels=rank", "finetune.labels=raw", "model.keep_padding=true"} {
		o := base
		o.Recipe, o.Out, o.Set = base.Recipe.Clone(), filepath.Join(t.TempDir(), "run"), append([]string{set}, noDropout...)
		if err := o.Recipe.Set(set); err != nil {
			t.Fatal(err)
		}
		want := -pearsonOfInit(t, o, 0.5)
		if err := finetune(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		if got := lossLines(t, o.Out)["loss"]; len(got) != 1 || math.Abs(got[0]-want) > 1e-4 || math.Abs(want) < 0.01 {
			t.Errorf("%s: loss %g, want %g", set, got, want)
		}
	}
}

// pearsonOfInit is Pearson's correlation over the training pairs of o under the model that it starts from.
func pearsonOfInit(t *testing.T, o Options, temperature float64) float64 {
	t.Helper()
	f, cosines := cosinesOfInit(t, o)
	exps, labels := make([]float64, len(cosines)), make([]float64, len(cosines)) // a sum in the denominator changes no correlation
	for i, c := range cosines {
		exps[i], labels[i] = math.Exp(c/temperature), f.target[f.split.Train[i].Score]
	}
	return stat.Correlation(exps, labels, nil)
}

// cosinesOfInit are the pairs of o and the cosines of the training pairs under the model that it starts from.
func cosinesOfInit(t *testing.T, o Options) (*finetunePairs, []float64) {
	t.Helper()
	f, set := embeddedByInit(t, o)
	cosines, err := evaluate.Cosines(set, f.split.Train)
	if err != nil {
		t.Fatal(err)
	}
	return f, cosines
}

// embeddedByInit are the pairs of o and all their videos under the model that it starts from.
func embeddedByInit(t *testing.T, o Options) (*finetunePairs, *embeddings.Set) {
	t.Helper()
	o = o.withDefaults()
	s, err := openSource(t.Context(), Finetuning, o)
	if err != nil {
		t.Fatal(err)
	}
	st, err := newFinetuneStage(s, newStates(s, run.Dir(t.TempDir()), o))
	if err != nil {
		t.Fatal(err)
	}
	defer st.close()
	f, embedder := st.pairs, st.check.embedder
	set := &embeddings.Set{Dim: embedder.Dim()}
	var indices []int
	for i := range f.videos.Len() {
		indices, set.IDs = append(indices, i), append(set.IDs, f.videos.ID(i))
	}
	if set.Data, err = embedder.All(context.Background(), f.videos, indices, func(int) {}); err != nil {
		t.Fatal(err)
	}
	return f, set
}

// TestPearsonTrains: the correlation with the labels rises, on the training pairs, and the model chosen is that of the best
// Spearman on those held out.
func TestPearsonTrains(t *testing.T) {
	o := pearsonOptions(t, goOptions(t, noDropout...), "finetune.batch=32", "finetune.epochs=6", "finetune.lr_encoder=0.003",
		"finetune.lr_heads=0.003")
	o.Set = noDropout
	fine, err := Finetune(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	all := lossLines(t, o.Out)["loss"]
	if first, last := all[0], all[len(all)-1]; last > first-0.05 || last < -1 || first > 1 {
		t.Errorf("loss from %g to %g", first, last)
	}
	lines, err := run.ReadMetrics(run.Dir(o.Out).Metrics())
	if err != nil {
		t.Fatal(err)
	}
	best := math.Inf(-1)
	for _, line := range lines {
		if rho, ok := line["val_spearman"].(float64); ok {
			best = max(best, rho)
		}
	}
	if fine.ValSpearman != best {
		t.Errorf("the chosen model has %g, the best validation %g", fine.ValSpearman, best)
	}
}

// TestPearsonOfOnePair: one pair has no correlation, so in batches of one there is nothing to learn, and nothing is spoilt.
func TestPearsonOfOnePair(t *testing.T) {
	o := pearsonOptions(t, goOptions(t), "finetune.batch=1", "finetune.max_pairs=5", "finetune.weight_decay=0")
	fine, err := Finetune(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, loss := range lossLines(t, o.Out)["loss"] {
		if loss != 0 {
			t.Errorf("loss %g of one pair", loss)
		}
	}
	if modelHash(t, fine.Model) != modelHash(t, o.Init) {
		t.Error("the weights have changed")
	}
}

func TestResumePearson(t *testing.T) {
	if testing.Short() {
		t.Skip("a dozen runs")
	}
	o := pearsonOptions(t, goOptions(t), "finetune.labels=raw")
	fine, err := Finetune(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	for stop := 1; stop < fine.Steps; stop++ {
		stopAndGoOn(t, o, stop, finetune, fine.Model)
	}
}

// TestPearsonOnDevices: the pairs of a batch are compared over all devices, also by CoSENT.
func TestPearsonOnDevices(t *testing.T) {
	if testing.Short() {
		t.Skip("compilations of XLA")
	}
	o := xlaOptions(t, append(noDropout, "pretrain.epochs=0", "model.num_hidden_layers=1")...)
	if has := o.Backend.NumDevices(); has < 2 {
		t.Skipf("the backend has %d devices", has)
	}
	for _, loss := range []string{"softmax_pearson", "cosent"} {
		o := pearsonOptions(t, o, "finetune.max_pairs=48", "finetune.loss="+loss)
		o.Set = noDropout
		if err := finetune(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		one := lossLines(t, o.Out)["loss"]
		o.Out, o.Devices = filepath.Join(t.TempDir(), "two"), 2
		if err := finetune(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		nearLosses(t, lossLines(t, o.Out)["loss"], one, 1e-4)
	}
}
