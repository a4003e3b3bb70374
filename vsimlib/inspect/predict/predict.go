// SPDX-License-Identifier: Apache-2.0

// Package predict is what a pretrained model predicts of what is hidden from it, one head a file: the tokens of a title, the
// frames of a batch, the tags of a clip. Its programs compute forwards only, in the arithmetic of pretraining.
package predict

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/inspect"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/own"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/tokenizer"
)

// Model is a pretrained model and the corpus that it is asked about.
type Model struct {
	backend compute.Backend
	config  recipe.Model
	store   *model.Store
	tokens  *tokenizer.Tokenizer
	source  *inspect.Source
}

// Open reads a model directory. The corpus must have as many tags as the model.
func Open(backend compute.Backend, dir string, s *inspect.Source) (*Model, error) {
	if err := memplan.CheckLoad(dir); err != nil {
		return nil, err
	}
	c, store, err := multimodal.Load(dir)
	if err != nil {
		return nil, err
	}
	if err := own.CheckModel(c); err != nil {
		return nil, err
	}
	tokens, err := multimodal.LoadVocab(dir, c)
	if err != nil {
		return nil, err
	}
	if c.NumTags != len(s.Tags) {
		return nil, fmt.Errorf("%s: a model of %d tags, but the corpus has %d; take a model that was trained on this corpus", dir,
			c.NumTags, len(s.Tags))
	}
	c.KeepPadding = true // a row a video, so that positions are easy to name
	return &Model{backend, c, store, tokens, s}, nil
}

// builder builds batches that hide tokens and frames with these probabilities.
func (m *Model) builder(mlm, mfm float64) (*batch.Builder, error) {
	config := batch.ConfigOf(m.config)
	config.MLMProbability, config.MFMProbability = mlm, mfm
	return batch.NewBuilder(config, m.tokens, m.source.Tags)
}

// program is a graph of the model on arrays.
type program func(m multimodal.Model, in []*Node) *Node

// run computes a program and returns its output in float32, row-major.
func (m *Model) run(build program, arrays ...any) ([]float32, error) {
	exec, err := model.NewExec(m.backend, m.store, func(s *model.Scope, in []*Node) []*Node {
		net := multimodal.Model{Net: bert.New(s.Store(), in[0].Graph(), m.config, nil)}
		return []*Node{ConvertDType(build(net, in), dtypes.Float32)}
	})
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	defer exec.Finalize()
	out, err := exec.Call(arrays...)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", own.Plain(err))
	}
	flat, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	return flat, nil
}

// softmax is exp x_v / Σ_v exp x_v.
func softmax(logits []float32) []float64 {
	top := float64(slices.Max(logits))
	list, sum := make([]float64, len(logits)), 0.0
	for i, x := range logits {
		list[i] = math.Exp(float64(x) - top)
		sum += list[i]
	}
	for i := range list {
		list[i] /= sum
	}
	return list
}

// rank is that of the i-th of scores, the highest first: 1 and how many are higher.
func rank(scores []float32, i int) int {
	higher := 0
	for _, x := range scores {
		if x > scores[i] {
			higher++
		}
	}
	return 1 + higher
}

// highest are the indices of the n highest scores, the highest first; of equal ones the first.
func highest(scores []float32, n int) []int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order[:min(n, len(order))]
}

// guesses are the n most probable answers by their logits.
func guesses(logits []float32, probabilities []float64, n int, spell func(int) string) []results.Guess {
	var list []results.Guess
	for _, i := range highest(logits, n) {
		list = append(list, results.Guess{What: spell(i), Probability: probabilities[i]})
	}
	return list
}
