// SPDX-License-Identifier: Apache-2.0

package optim

import "testing"

// TestGoldenLayerDecay follows torch.optim.AdamW with BEiT's scales of the learning rate, of whole steps and of accumulated ones.
func TestGoldenLayerDecay(t *testing.T) {
	for _, accumulate := range []bool{false, true} {
		c, s, names := readStored(t)
		config := c.config()
		config.Average = 0
		advance := storedStep(t, config, s, names, accumulate)
		for step, want := range c.Steps {
			advance(step, 1)
			nearStored(t, s, "", step, want)
		}
	}
}

// TestDecayedRate: by hand, with two layers and a decay of 1/2: the embeddings have an eighth of the rate, the layers a quarter and
// a half, and the heads all of it.
func TestDecayedRate(t *testing.T) {
	for name, want := range map[string]float64{
		"bert.embeddings.LayerNorm.bias":           0.125,
		"video_fc.weight":                          0.125,
		"video_embeddings.position_embeddings":     0.125,
		"bert.encoder.layer.0.output.dense.weight": 0.25,
		"bert.encoder.layer.1.output.dense.weight": 0.5,
		"cls.predictions.decoder.weight":           1,
		"mfm.transform.dense.bias":                 1,
		"tag_fc.weight":                            1,
		"attention_pool.dense.weight":              1,
	} {
		if got := DecayedRate(0.5, 2, Depth(name, 2)); got != want {
			t.Errorf("%s: %g of the rate, want %g", name, got, want)
		}
	}
}

// TestRatesOff: without a LayerDecay the programs take five numbers, as ever.
func TestRatesOff(t *testing.T) {
	c := Config{LREncoder: 0.1, LRHeads: 0.2, TotalSteps: 5, Layers: 3}
	if got := c.Rates(1, 2).Shape().Size(); got != 5 {
		t.Errorf("%d numbers, want 5", got)
	}
	c.LayerDecay = 0.5
	if got := c.Rates(1, 2).Shape().Size(); got != 5+2*4 {
		t.Errorf("%d numbers, want 13", got)
	}
}
