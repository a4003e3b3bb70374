// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"fmt"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/corpus/gloss"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/step"
	"vsim/vsimlib/tokenizer"
)

// Source is what a training reads: a corpus, its vocabulary and tag list, and a recipe resolved on their sizes.
type Source struct {
	Corpus    *corpus.Corpus
	Recipe    recipe.Recipe
	Tokenizer *tokenizer.Tokenizer
	Tags      []int64     // the tag list, ascending
	Names     gloss.Names // in English

	tagNames map[string]string // once they are read
}

// Open opens the corpus in a directory and resolves a recipe on it.
func Open(dir string, r recipe.Recipe) (*Source, error) {
	s := &Source{Recipe: r}
	var err error
	if s.Corpus, err = corpus.Open(dir); err != nil {
		return nil, err
	}
	if s.Tags, err = s.Corpus.Tags(); err != nil {
		return nil, err
	}
	if s.Names, err = gloss.Read(dir); err != nil {
		return nil, err
	}
	if s.Tokenizer, err = tokenizer.LoadVocab(s.Corpus.VocabPath()); err != nil {
		return nil, err
	}
	width, err := s.Corpus.FrameDim()
	if err != nil {
		return nil, err
	}
	return s, s.Recipe.Resolve(recipe.Sizes{VocabSize: s.Tokenizer.VocabSize(), FrameDim: width, NumTags: len(s.Tags)})
}

// find returns a part of the corpus and its first video of that title.
func (s *Source) find(part, title string) (*corpus.Set, corpus.Video, error) {
	set, err := s.Corpus.Part(part)
	if err != nil {
		return nil, corpus.Video{}, err
	}
	for i := range set.Len() {
		v, err := set.Video(i)
		if err != nil {
			return nil, v, err
		}
		if v.Title == title {
			return set, v, nil
		}
	}
	return nil, corpus.Video{}, fmt.Errorf("%s: no video has the title %q", part, title)
}

// Find returns the first video of that title in a part of the corpus.
func (s *Source) Find(part, title string) (corpus.Video, error) {
	_, v, err := s.find(part, title)
	return v, err
}

// training is the videos of pretraining, each once.
func (s *Source) training() (*corpus.Set, error) {
	var sets []*corpus.Set
	for _, part := range competition.Training() {
		set, err := s.Corpus.Part(part)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return corpus.Union(sets...), nil
}

// pretraining is the videos of pretraining and the builder of its batches: those of package trainer, or the same with a row per
// video where padded is set.
func (s *Source) pretraining(padded bool) (*corpus.Set, *batch.Builder, error) {
	all, err := s.training()
	if err != nil {
		return nil, nil, err
	}
	r := s.Recipe
	r.Model.KeepPadding = r.Model.KeepPadding || padded
	builder, err := step.PretrainBuilder(r, 1, s.Tokenizer, s.Tags)
	if err != nil {
		return nil, nil, err
	}
	return all, builder, builder.Measure(all.Len(), all.Video)
}

// batch builds the batch of a step of pretraining, as training has it, and lists the titles of its videos.
func (s *Source) batch(all *corpus.Set, builder *batch.Builder, step int) (*batch.Pretrain, []string, error) {
	p := s.Recipe.Pretrain
	perEpoch := all.Len() / p.Batch
	order := batch.Order(all.Len(), p.Seed, step/perEpoch)
	var videos []corpus.Video
	var titles []string
	for i := range p.Batch {
		v, err := all.Video(int(order[step%perEpoch*p.Batch+i]))
		if err != nil {
			return nil, nil, err
		}
		videos, titles = append(videos, v), append(titles, v.Title)
	}
	b, err := builder.Pretrain(videos, p.Seed, step, nil)
	return b, titles, err
}
