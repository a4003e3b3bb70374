// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/run"
	"vsim/vsimlib/trainer"
)

// Baselines compares the losses of a finished pretraining with what guessing costs: each tag as often as it occurs, each word as often as
// it occurs in the titles, each frame of the batch alike. It keeps the rows under the model's name in the results file.
func Baselines(results, model string) ([]Task, error) {
	var result trainer.PretrainResult
	dir := Run(model, pretrain)
	r, err := finished(dir, &result)
	if err != nil {
		return nil, err
	}
	s, err := sourceOf(r)
	if err != nil {
		return nil, err
	}
	all, _, err := s.pretrained(true)
	if err != nil {
		return nil, err
	}
	guess, err := s.guesses(all)
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
	p := s.recipe.Pretrain
	list := []Task{
		{Task: "tags (E1)", Weight: *p.WeightTag, Expected: math.Ln2, Frequency: guess.tags},
		{Task: "words (E2)", Weight: p.WeightMLM, Expected: math.Log(float64(s.recipe.Model.VocabSize)), Frequency: guess.words},
		{Task: "frames (E3)", Weight: p.WeightMFM, Expected: guess.frames, Frequency: guess.frames}, // at best: scores are not of unit vectors
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
	return list, s.keep(results, model, list)
}

// guesses is the losses, in nats, of who knows how often things occur and nothing else.
type guesses struct{ tags, words, frames float64 }

func (s source) guesses(all *corpus.Set) (guesses, error) {
	tags, words := map[int64]float64{}, map[int32]float64{}
	total, frames := 0.0, 0.0
	for i := range all.Len() {
		v, err := all.Video(i)
		if err != nil {
			return guesses{}, err
		}
		for _, tag := range v.Tags {
			tags[tag]++
		}
		for _, id := range s.vocabulary.Tokenize(v.Title) {
			words[id]++
			total++
		}
		frames += float64(min(v.NumFrames, s.recipe.Model.MaxFrames))
	}
	g := guesses{frames: math.Log(frames / float64(all.Len()) * float64(s.recipe.Pretrain.Batch))}
	for _, tag := range s.tags {
		g.tags += (surprise(tags[tag]/float64(all.Len())) + surprise(1-tags[tag]/float64(all.Len()))) / float64(len(s.tags))
	}
	for _, id := range slices.Sorted(maps.Keys(words)) { // in one order, for the same last digit each time
		g.words += surprise(words[id] / total)
	}
	return g, nil
}

// surprise is −p ln p, 0 at 0.
func surprise(p float64) float64 {
	if p <= 0 {
		return 0
	}
	return -p * math.Log(p)
}
