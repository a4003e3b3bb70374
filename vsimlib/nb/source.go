// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"os"
	"strings"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/inspect"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/tokenizer"
	"vsim/vsimlib/trainer"
)

// source is the corpus opened, and the recipe of the scale with the sizes of that corpus.
type source struct {
	place
	corpus     *corpus.Corpus
	recipe     recipe.Recipe
	vocabulary inspect.Vocabulary
	tags       []int64
}

// sourceOf opens the corpus and resolves a recipe on it.
func sourceOf(r recipe.Recipe) (s source, err error) {
	s.recipe = r
	if s.place, err = where(); err != nil {
		return s, err
	}
	if s.corpus, err = corpus.Open(s.place.corpus); err != nil {
		return s, err
	}
	if s.tags, err = s.corpus.Tags(); err != nil {
		return s, err
	}
	path := s.corpus.VocabPath()
	if s.vocabulary.Tokenizer, err = tokenizer.LoadVocab(path); err != nil {
		return s, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	for line := range strings.Lines(string(data)) {
		s.vocabulary.Spelling = append(s.vocabulary.Spelling, strings.TrimSpace(line))
	}
	width, err := s.corpus.FrameDim()
	if err != nil {
		return s, err
	}
	return s, s.recipe.Resolve(recipe.Sizes{VocabSize: s.vocabulary.VocabSize(), FrameDim: width, NumTags: len(s.tags)})
}

// sourceOfPreset is the corpus and the scale's own recipe.
func sourceOfPreset() (source, error) {
	r, err := Recipe(1)
	if err != nil {
		return source{}, err
	}
	return sourceOf(r)
}

// pretrained is the videos of pretraining, each once, and the builder of its batches, as package trainer has them; the same batches with
// a row a video where they are to be padded.
func (s source) pretrained(padded bool) (*corpus.Set, *batch.Builder, error) {
	var sets []*corpus.Set
	for _, part := range []string{"pointwise", "pairwise"} {
		set, err := s.corpus.Part(part)
		if err != nil {
			return nil, nil, err
		}
		sets = append(sets, set)
	}
	all, r := corpus.Union(sets...), s.recipe
	r.Model.KeepPadding = r.Model.KeepPadding || padded
	builder, err := trainer.PretrainBuilder(r, 1, s.vocabulary.Tokenizer, s.tags)
	if err != nil {
		return nil, nil, err
	}
	return all, builder, builder.Measure(all.Len(), all.Video)
}

// batch builds the batch of a step of pretraining, as training sees it.
func (s source) batch(all *corpus.Set, builder *batch.Builder, step int) (*batch.Pretrain, []string, error) {
	p := s.recipe.Pretrain
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
