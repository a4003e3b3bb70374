// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/multimodal"
)

// TestLayerDecay trains with a decay so small that only heads have a rate, whole batches and micro-batches: the encoder stays as it
// was, of pretraining and of finetuning.
func TestLayerDecay(t *testing.T) {
	const tiny = "1e-30"
	for _, parts := range []string{"1", "2"} {
		o := goOptions(t, "pretrain.layer_decay="+tiny, "finetune.layer_decay="+tiny, "pretrain.weight_decay=0",
			"finetune.weight_decay=0", "pretrain.epochs=1", "pretrain.accumulate="+parts, "finetune.accumulate="+parts)
		pre, err := Pretrain(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		config, trained, err := multimodal.Load(pre.Model)
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := multimodal.NewStore(config, o.Recipe.Pretrain.Seed)
		if err != nil {
			t.Fatal(err)
		}
		changed(t, fresh, trained, map[string]bool{"video_fc.weight": false, "bert.encoder.layer.0.output.dense.weight": false,
			"cls.predictions.decoder.weight": true, "mfm.decoder.weight": true, "tag_fc.weight": true})
		o.Init, o.Out = pre.Model, t.TempDir()
		fine, err := Finetune(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		_, tuned, err := multimodal.Load(fine.Model)
		if err != nil {
			t.Fatal(err)
		}
		changed(t, trained, tuned, map[string]bool{"video_fc.weight": false, "bert.encoder.layer.0.output.dense.weight": false,
			"embedding_fc.weight": true})
	}
}

// changed compares weights of two stores: each must differ, or not.
func changed(t *testing.T, before, after *model.Store, want map[string]bool) {
	t.Helper()
	for name, want := range want {
		was, is := before.GetVariable("/"+name).MustValue(), after.GetVariable("/"+name).MustValue()
		if got := !was.Equal(is); got != want {
			t.Errorf("%s: changed: %v, want %v", name, got, want)
		}
	}
}
