// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"vsim/vsimlib/multimodal"
)

// unmasked hides nothing, so that the encoder reads in training what an embedder reads.
var unmasked = []string{"pretrain.mlm_probability=0", "pretrain.mfm_probability=0"}

// TestSimCSEOfEmbeddings makes all videos one batch, without dropout and masks: the loss before the first update is that of their
// embeddings under the model that it starts from, packed or not. Both passes see the same there.
func TestSimCSEOfEmbeddings(t *testing.T) {
	first := goOptions(t, append(noDropout, "pretrain.epochs=0")...)
	fresh, err := Pretrain(context.Background(), first)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"model.keep_padding=false", "model.keep_padding=true"} {
		sets := append([]string{set, "pretrain.epochs=1", "pretrain.batch=41", "pretrain.weight_simcse=0.5",
			"pretrain.simcse_temperature=0.1"}, noDropout...)
		o := goOptions(t, append(sets, unmasked...)...)
		o.Corpus, o.Init, o.Set = first.Corpus, fresh.Model, []string{set}
		want := simcseOfInit(t, o, 0.1)
		if err := pretrain(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		got := lossLines(t, o.Out)
		nearLosses(t, got["loss_simcse"], []float64{want}, 1e-4)
		nearLosses(t, got["loss"], []float64{got["loss_tag"][0]*3./24 + 0.5*want}, 1e-4)
	}
}

// simcseOfInit is the loss of all videos' embeddings under the model that o starts from, in float64.
func simcseOfInit(t *testing.T, o Options, temperature float64) float64 {
	t.Helper()
	s, err := openSource(t.Context(), Pretraining, o.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	v, err := openPretrainVideos(s)
	if err != nil {
		t.Fatal(err)
	}
	embedder, err := multimodal.NewEmbedder(o.Backend, s.store, s.recipe.Model, v.builder, v.all.Len())
	if err != nil {
		t.Fatal(err)
	}
	defer embedder.Close()
	indices := make([]int, v.all.Len())
	for i := range indices {
		indices[i] = i
	}
	flat, err := embedder.All(context.Background(), v.all, indices, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	row := func(i int) []float32 { return flat[i*embedder.Dim() : (i+1)*embedder.Dim()] }
	total := 0.0
	for i := range indices {
		sum, own := 0.0, 0.0
		for j := range indices {
			cosine := 0.0
			for d, x := range row(i) {
				cosine += float64(x) * float64(row(j)[d])
			}
			sum += math.Exp(cosine / temperature)
			if j == i {
				own = cosine / temperature
			}
		}
		total += (math.Log(sum) - own) / float64(len(indices))
	}
	return total
}

// TestSimCSE: it has its part of the line and of the validation and trains the embedding's head; off, it has none, and leaves the
// head as it was.
func TestSimCSE(t *testing.T) {
	const head = "/embedding_fc.weight"
	for weight, on := range map[string]bool{"0": false, "0.3": true} {
		o := goOptions(t, "pretrain.weight_simcse="+weight)
		result, err := Pretrain(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		config, store, err := multimodal.Load(result.Model)
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := multimodal.NewStore(config, o.Recipe.Pretrain.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if same := store.GetVariable(head).MustValue().Equal(fresh.GetVariable(head).MustValue()); same == on {
			t.Errorf("weight %s: the head is as it was: %v", weight, same)
		}
		got := lossLines(t, o.Out)
		if _, has := got["loss_simcse"]; has != on {
			t.Errorf("weight %s: loss_simcse %v", weight, got["loss_simcse"])
		}
		for _, all := range []map[string]float64{result.Losses, result.Val} {
			if len(all) != 4 && !on || len(all) != 5 && on {
				t.Errorf("weight %s: %v", weight, all)
			}
		}
		for i, loss := range got["loss_simcse"] {
			p := o.Recipe.Pretrain
			parts := got["loss_tag"][i]*3./24 + got["loss_mlm"][i]*p.WeightMLM + got["loss_mfm"][i]*p.WeightMFM
			nearLosses(t, []float64{parts + 0.3*loss}, got["loss"][i:i+1], 1e-5)
			if loss <= 0 {
				t.Errorf("step %d: %g", i+1, loss)
			}
		}
	}
}

// TestSimCSEAccumulated: a video is found among those of its micro-batch, so always where it is alone, and more easily where there
// are fewer.
func TestSimCSEAccumulated(t *testing.T) {
	train := func(k string) []float64 {
		o := goOptions(t, append(noDropout, "pretrain.weight_simcse=1", "pretrain.epochs=1", "pretrain.lr_encoder=0",
			"pretrain.lr_heads=0", "pretrain.accumulate="+k)...)
		if err := pretrain(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		return lossLines(t, o.Out)["loss_simcse"]
	}
	whole, halves, alone := train("1"), train("2"), train("6")
	for i := range whole {
		if !(whole[i] > halves[i] && halves[i] > 0 && alone[i] == 0) {
			t.Errorf("step %d: %g among six, %g among three, %g alone", i+1, whole[i], halves[i], alone[i])
		}
	}
}

// TestResumeSimCSE stops after every step, also of accumulated steps with checkpointed gradients.
func TestResumeSimCSE(t *testing.T) {
	if testing.Short() {
		t.Skip("a dozen runs")
	}
	for _, set := range [][]string{nil, {"pretrain.accumulate=2", "model.gradient_checkpointing=true"}} {
		o := goOptions(t, append(set, "pretrain.weight_simcse=0.3", "pretrain.epochs=1")...)
		pre, err := Pretrain(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		for stop := 1; stop < pre.Steps; stop++ {
			stopAndGoOn(t, o, stop, pretrain, pre.Model)
		}
	}
}

// TestSimCSEOnDevices: on two devices a video is compared with those of both.
func TestSimCSEOnDevices(t *testing.T) {
	if testing.Short() {
		t.Skip("compilations of XLA")
	}
	sets := append(noDropout, "pretrain.weight_simcse=0.3", "pretrain.val_videos=0", "pretrain.epochs=1", "model.num_hidden_layers=1",
		"pretrain.weight_tag=0", "pretrain.weight_mlm=0", "pretrain.weight_mfm=0")
	o := xlaOptions(t, sets...)
	if has := o.Backend.NumDevices(); has < 2 {
		t.Skipf("the backend has %d devices", has)
	}
	if err := pretrain(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	one := lossLines(t, o.Out)["loss"]
	o.Out, o.Devices = filepath.Join(t.TempDir(), "two"), 2
	if err := pretrain(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	nearLosses(t, lossLines(t, o.Out)["loss"], one, 1e-4)
}
