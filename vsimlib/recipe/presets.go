// SPDX-License-Identifier: Apache-2.0

package recipe

import "vsim/vsimlib/competition"

// Presets returns the names of the presets, from small to large.
func Presets() []string { return competition.Scales() }

// Preset returns the recipe of that name, made afresh.
func Preset(name string) (Recipe, bool) {
	switch name {
	case competition.ScaleTiny:
		return tiny(), true
	case competition.ScaleDemo:
		return demo(), true
	case competition.ScalePaper:
		return paper(), true
	}
	return Recipe{}, false
}

// paper is the competition's winning solution as its code was released.
func paper() Recipe {
	return Recipe{
		Model: Model{
			HiddenSize: 1024, NumHiddenLayers: 24, NumAttentionHeads: 16, IntermediateSize: 4096,
			MaxPositionEmbeddings: 512, TypeVocabSize: 2, LayerNormEps: 1e-12,
			MaxFrames: 32, MaxText: 36, EmbeddingDim: 256,
			Layout: competition.LayoutCLSFirst, Pooling: Mean, TagInput: TagCLS,
			HiddenDropoutProb: 0.1, AttentionProbsDropoutProb: 0.1, InitializerRange: 0.02,
		},
		Pretrain: Pretrain{
			Epochs: 40, Batch: 128, Seed: paperSeed, LREncoder: 5e-5, LRHeads: 5e-4,
			WeightDecay: 0.01, AdamEps: 1e-6, WarmupRatio: 0.06,
			WeightMLM: 1 / 3.75, WeightMFM: 1. / 9, MLMProbability: 0.15, MFMProbability: 0.135,
			ValEvery: 500, ValVideos: 10000, CheckpointEvery: 500,
		},
		Finetune: Finetune{
			Epochs: 10, Batch: 32, Seed: paperSeed, LREncoder: 1e-5, LRHeads: 5e-5,
			WeightDecay: 0.01, AdamEps: 1e-6, WarmupRatio: 0.06,
			Split: competition.SplitReleased, ValEvery: 500, CheckpointEvery: 500, Select: SelectBest,
		},
		Ensemble: Ensemble{Members: []int{1, 2, 3, 4, 5, 6}, Dim: 256, Weights: []float64{}},
	}
}

// demo is a whole pretraining and finetuning of the shipped corpus in minutes on two cores: a small encoder, higher
// rates for fresh weights, and the padding left out of the mean.
func demo() Recipe {
	r := paper()
	m, p, t := &r.Model, &r.Pretrain, &r.Finetune
	m.HiddenSize, m.NumHiddenLayers, m.NumAttentionHeads, m.IntermediateSize = 128, 3, 4, 512
	m.MaxFrames, m.MaxText, m.EmbeddingDim = 8, 20, 128
	m.Pooling = MaskedMean

	p.Epochs, p.Batch, p.Seed = 10, 32, 1
	p.LREncoder, p.LRHeads = 3e-4, 3e-3
	p.ValEvery, p.ValVideos, p.CheckpointEvery = 0, 256, 100

	t.Epochs, t.Batch, t.Seed = 2, 64, 1
	t.LREncoder, t.LRHeads = 1e-3, 1e-3
	t.ValEvery, t.CheckpointEvery = 60, 60
	return r
}

// tiny runs every part of the way in seconds. Its scores mean nothing.
func tiny() Recipe {
	r := demo()
	m, p, t := &r.Model, &r.Pretrain, &r.Finetune
	m.HiddenSize, m.NumHiddenLayers, m.NumAttentionHeads, m.IntermediateSize = 32, 1, 2, 64
	m.MaxPositionEmbeddings = 32
	m.MaxFrames, m.MaxText, m.EmbeddingDim = 4, 12, 32

	p.Epochs, p.Batch = 1, 16
	p.LREncoder, p.LRHeads = 1e-3, 1e-3
	p.ValVideos, p.CheckpointEvery = 64, 20

	t.Epochs, t.Batch, t.MaxPairs = 1, 32, 640
	t.ValEvery, t.CheckpointEvery = 10, 10
	return r
}
