// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"context"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/inspect"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
)

// Dissect follows the first video of a title from the bytes of its file to its row of a batch, and keeps what it met under "record" of
// the results file of that name.
func Dissect(file, part, title string) (out results.Record, err error) {
	s, err := sourceOfPreset()
	if err != nil {
		return out, err
	}
	files, err := s.records(part)
	if err != nil {
		return out, err
	}
	if out, err = inspect.OneRecord(files, title, s.recipe.Model, s.vocabulary, s.tags); err != nil {
		return out, err
	}
	return out, s.keep(file, "record", out)
}

// Minibatch describes the batch of the first step of a pretraining with r, and keeps it under "minibatch" of the results file.
func Minibatch(file string, r recipe.Recipe) (out results.Minibatch, err error) {
	s, err := sourceOf(r)
	if err != nil {
		return out, err
	}
	all, builder, err := s.pretrained(true)
	if err != nil {
		return out, err
	}
	padded, titles, err := s.batch(all, builder, 0)
	if err != nil {
		return out, err
	}
	packed := (*batch.Pretrain)(nil)
	if s.recipe.Model.Packs() {
		if all, builder, err = s.pretrained(false); err != nil {
			return out, err
		}
		if packed, _, err = s.batch(all, builder, 0); err != nil {
			return out, err
		}
	}
	if out, err = inspect.OneBatch(padded, packed, s.recipe.Model, s.vocabulary, titles); err != nil {
		return out, err
	}
	return out, s.keep(file, "minibatch", out)
}

// Masking counts what the first epochs of a pretraining with r hide, and keeps the shares under "masking" of the results file.
func Masking(file string, r recipe.Recipe, epochs int) ([]results.MaskShare, error) {
	s, err := sourceOf(r)
	if err != nil {
		return nil, err
	}
	all, builder, err := s.pretrained(true)
	if err != nil {
		return nil, err
	}
	var m inspect.Masking
	for step := range epochs * (all.Len() / s.recipe.Pretrain.Batch) {
		b, _, err := s.batch(all, builder, step)
		if err != nil {
			return nil, err
		}
		if err := m.Add(b, s.vocabulary); err != nil {
			return nil, err
		}
	}
	shares := m.Shares(s.recipe.Pretrain.MLMProbability, s.recipe.Pretrain.MFMProbability)
	return shares, s.keep(file, "masking", shares)
}

// Parameters counts what r's model learns, by part, beside the write-up's model on the competition's data, and keeps the rows under
// "parameters" of the results file.
func Parameters(results string, r recipe.Recipe) ([]Size, error) {
	s, err := sourceOf(r)
	if err != nil {
		return nil, err
	}
	paper, _ := recipe.Preset("paper")
	if err := paper.Resolve(recipe.CompetitionSizes); err != nil {
		return nil, err
	}
	theirs := inspect.Parameters(paper.Model)
	var list []Size
	for i, p := range inspect.Parameters(s.recipe.Model) {
		list = append(list, Size{Part: p.Part, Parameters: p.Parameters, Share: p.Share, Paper: theirs[i].Parameters, PaperShare: theirs[i].Share})
	}
	return list, s.keep(results, "parameters", list)
}

// Shapes lists the values on a batch's way through r's model, where it has so many chosen words and zeroed frames.
func Shapes(r recipe.Recipe, words, frames int) ([]inspect.Shape, error) {
	s, err := sourceOf(r)
	if err != nil {
		return nil, err
	}
	d, err := openDevice()
	if err != nil {
		return nil, err
	}
	return inspect.Shapes(d.Backend, s.recipe.Model, s.recipe.Pretrain.Batch, words, frames)
}

// Attend says where a finetuned model looks in a video of that title, and keeps it under "attention" of the results file.
func Attend(file, model, part, title string) ([]results.Block, error) {
	s, err := sourceOfPreset()
	if err != nil {
		return nil, err
	}
	set, err := s.corpus.Part(part)
	if err != nil {
		return nil, err
	}
	video, err := byTitle(set, title)
	if err != nil {
		return nil, err
	}
	b := newBoard("attention of " + model)
	var a results.Attention
	err = stoppable(b.what, func() string { return "" }, func(context.Context) error {
		d, err := b.device()
		if err == nil {
			a, err = inspect.Attend(d.Backend, Run(model, finetune).Model(), video, s.vocabulary.Spelling)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return a.Blocks, s.keep(file, "attention", a)
}
