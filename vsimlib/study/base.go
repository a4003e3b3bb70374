// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/recipe"
)

// baseRecipe is what the cells build on: the recipe that was asked for, or that of corpus and scale.
func baseRecipe(name string, o Options, src source) (recipe.Recipe, error) {
	r, err := usualRecipe(name, o, src)
	if err != nil {
		return r, err
	}
	for _, set := range o.Set {
		if setting, _, _ := strings.Cut(set, "="); strings.HasSuffix(setting, ".seed") {
			return r, fmt.Errorf("study: %s: each training has a seed of --seeds (nb.Seeds); a cell may have its own", set)
		}
		if err := r.Set(set); err != nil {
			return r, fmt.Errorf("study: %w", err)
		}
	}
	if err := r.Validate(); err != nil {
		return r, fmt.Errorf("study: %w", err)
	}
	return r, nil
}

func usualRecipe(name string, o Options, src source) (recipe.Recipe, error) {
	if o.Recipe != "" {
		return recipe.Load(o.Recipe)
	}
	if !slices.Contains(recipe.Presets(), o.Scale) {
		return recipe.Recipe{}, fmt.Errorf("study: unknown scale %q; there are %s, %s and %s", o.Scale, Tiny, Demo, Paper)
	}
	r, _ := recipe.Preset(o.Scale)
	if src.synth == nil || o.Scale == Paper {
		return r, nil
	}
	r = controlledRecipe(r, o.Scale)
	if name == Tasks && o.Scale == Demo {
		r.Pretrain.Epochs, r.Pretrain.MaxPointwise = tasksEpochs, 0
	}
	return r, nil
}

// controlledRecipe is the one under which the paper's effects were first seen on the controlled corpus, at demo; tiny is less of
// everything.
func controlledRecipe(r recipe.Recipe, scale string) recipe.Recipe {
	m, p, t := &r.Model, &r.Pretrain, &r.Finetune
	m.HiddenDropoutProb, m.AttentionProbsDropoutProb, m.InitializerRange = 0, 0, 0.05
	p.LREncoder, p.LRHeads, p.ValVideos, p.CheckpointEvery = 5e-4, 1e-3, 0, 0
	t.LREncoder, t.LRHeads, t.ValEvery, t.CheckpointEvery, t.Select = 5e-4, 1e-3, 0, 0, recipe.SelectLast
	if scale == Tiny {
		m.HiddenSize, m.IntermediateSize, m.EmbeddingDim = 16, 32, 16
		m.MaxText, p.Epochs, p.Batch = 10, 2, 32
		t.Epochs, t.MaxPairs = 1, 0
		return r
	}
	m.NumHiddenLayers, m.HiddenSize, m.NumAttentionHeads, m.IntermediateSize = 2, 96, 4, 384
	m.MaxFrames, m.MaxText, m.EmbeddingDim = 8, 20, 64
	p.Epochs, p.Batch, p.MaxPointwise = 10, 64, demoPointwise
	t.Epochs, t.Batch = 3, 32
	return r
}

// demoPointwise is how many videos of the controlled corpus are pretrained on at demo, but where their number is varied.
const demoPointwise = 10_000

// tasksEpochs is how long the study of tasks pretrains on all of the controlled corpus: where all three together were seen to
// be above tags alone before vsim was. TasksLong has the base of the other studies, ten epochs on half of it.
const tasksEpochs = 4

// DefaultSeeds are the seeds of every cell where none are given: fewer at tiny, where nothing is measured, and at paper, where a
// training takes days, or no claim is tested. Labels has more at demo: its baseline is that of most studies, and its other cell
// shares the pretraining; those have ten of which five seeds left a claim open and said that ten would decide it.
func DefaultSeeds(name, scale string) []int64 {
	switch {
	case scale == Tiny:
		return []int64{1, 2}
	case scale == Paper || name == CorpusSize:
		return []int64{1, 2, 3}
	case slices.Contains([]string{Tasks, TasksLong, Epochs, LossWeights}, name):
		return []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	case name == Labels:
		return []int64{1, 2, 3, 4, 5, 6, 7, 8}
	}
	return []int64{1, 2, 3, 4, 5}
}
