// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"vsim/vsimlib/batch"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
)

// Minibatch describes the batch of the first step of pretraining.
func (s *Source) Minibatch() (results.Minibatch, error) {
	all, builder, err := s.pretraining(true)
	if err != nil {
		return results.Minibatch{}, err
	}
	padded, titles, err := s.batch(all, builder, 0)
	if err != nil {
		return results.Minibatch{}, err
	}
	packed := (*batch.Pretrain)(nil)
	if s.Recipe.Model.Packs() {
		if all, builder, err = s.pretraining(false); err != nil {
			return results.Minibatch{}, err
		}
		if packed, _, err = s.batch(all, builder, 0); err != nil {
			return results.Minibatch{}, err
		}
	}
	return s.describe(padded, packed, titles)
}

// Masking counts what the first epochs of pretraining hide.
func (s *Source) Masking(epochs int) ([]results.MaskShare, error) {
	all, builder, err := s.pretraining(true)
	if err != nil {
		return nil, err
	}
	var m Masking
	for step := range epochs * (all.Len() / s.Recipe.Pretrain.Batch) {
		b, _, err := s.batch(all, builder, step)
		if err != nil {
			return nil, err
		}
		if err := m.Add(b, s.Tokenizer); err != nil {
			return nil, err
		}
	}
	return m.Shares(s.Recipe.Pretrain.MLMProbability, s.Recipe.Pretrain.MFMProbability), nil
}

// Parameters counts what the model learns, by part, next to the model of the paper on the competition's data.
func (s *Source) Parameters() ([]results.PartSize, error) {
	paper, _ := recipe.Preset("paper")
	if err := paper.Resolve(recipe.CompetitionSizes); err != nil {
		return nil, err
	}
	theirs := Parameters(paper.Model)
	var list []results.PartSize
	for i, p := range Parameters(s.Recipe.Model) {
		list = append(list, results.PartSize{Part: p.Part, Parameters: p.Parameters, Share: p.Share,
			Paper: theirs[i].Parameters, PaperShare: theirs[i].Share})
	}
	return list, nil
}
