// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"

	"vsim/vsimlib/results"
	"vsim/vsimlib/run"
	"vsim/vsimlib/run/outcome"
)

// Baselines compares the losses of a finished pretraining, one row per task, with two that need no training: the loss expected of
// fresh weights, and the loss of predicting each class by its frequency. s has the recipe of the run.
func (s *Source) Baselines(dir run.Dir, result outcome.Pretrain) ([]results.TaskLoss, error) {
	by, err := s.frequencyLosses()
	if err != nil {
		return nil, err
	}
	lines, err := run.ReadMetrics(dir.Metrics())
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s has trained no step", filepath.Base(filepath.Dir(string(dir))))
	}
	p := s.Recipe.Pretrain
	list := []results.TaskLoss{
		{Task: "tags (E1)", Weight: *p.WeightTag, Expected: math.Ln2, Frequency: by.tags},
		{Task: "words (E2)", Weight: p.WeightMLM, Expected: math.Log(float64(s.Recipe.Model.VocabSize)), Frequency: by.tokens},
		// At best: the scores of fresh weights are not of unit vectors.
		{Task: "frames (E3)", Weight: p.WeightMFM, Expected: by.frames, Frequency: by.frames},
	}
	total := 0.0
	for i, name := range []string{"loss_tag", "loss_mlm", "loss_mfm"} {
		list[i].First, _ = lines[0][name].(float64)
		list[i].End, list[i].Val = result.Losses[name], result.Val["val_"+name]
		total += list[i].Weight * list[i].End
	}
	for i := range list {
		list[i].ShareLoss = list[i].Weight * list[i].End / total
	}
	return list, nil
}

// frequencyLosses are the losses, in nats, of a classifier that predicts class frequencies: of tags, of the tokens of titles, and
// of the frames of a batch, each alike.
type frequencyLosses struct{ tags, tokens, frames float64 }

func (s *Source) frequencyLosses() (frequencyLosses, error) {
	all, err := s.training()
	if err != nil {
		return frequencyLosses{}, err
	}
	tags, tokens := map[int64]float64{}, map[int32]float64{}
	total, frames := 0.0, 0.0
	for i := range all.Len() {
		v, err := all.Video(i)
		if err != nil {
			return frequencyLosses{}, err
		}
		for _, tag := range v.Tags {
			tags[tag]++
		}
		for _, id := range s.Tokenizer.Tokenize(v.Title) {
			tokens[id]++
			total++
		}
		frames += float64(min(v.NumFrames, s.Recipe.Model.MaxFrames))
	}
	by := frequencyLosses{frames: math.Log(frames / float64(all.Len()) * float64(s.Recipe.Pretrain.Batch))}
	for _, tag := range s.Tags {
		share := tags[tag] / float64(all.Len())
		by.tags += (surprise(share) + surprise(1-share)) / float64(len(s.Tags))
	}
	for _, id := range slices.Sorted(maps.Keys(tokens)) { // in one order, so that rounding is the same each time
		by.tokens += surprise(tokens[id] / total)
	}
	return by, nil
}

// TagShares are the shares of the videos of pretraining that have each tag of the tag list.
func (s *Source) TagShares() ([]float64, error) {
	all, err := s.training()
	if err != nil {
		return nil, err
	}
	shares := make([]float64, len(s.Tags))
	for i := range all.Len() {
		v, err := all.Video(i)
		if err != nil {
			return nil, err
		}
		for _, tag := range v.Tags {
			if class, ok := slices.BinarySearch(s.Tags, tag); ok {
				shares[class] += 1 / float64(all.Len())
			}
		}
	}
	return shares, nil
}

// surprise is −p ln p, 0 at 0.
func surprise(p float64) float64 {
	if p <= 0 {
		return 0
	}
	return -p * math.Log(p)
}
