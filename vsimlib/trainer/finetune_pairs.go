// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"fmt"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/split"
	"vsim/vsimlib/targets"
)

// finetunePairs are the pairs of finetuning and their videos.
type finetunePairs struct {
	videos  *corpus.Set
	split   split.Split         // its training pairs are those that the recipe uses
	target  map[float64]float64 // label of each score: rank-normalised over all pairs of the corpus, or the score itself
	teacher []float32           // the teacher's cosine of each training pair; nil: there is none
	builder *batch.Builder
}

// openFinetunePairs reads the labelled pairs and splits them.
func openFinetunePairs(s *source) (*finetunePairs, error) {
	f := &finetunePairs{}
	var err error
	if f.videos, err = s.corpus.Part(competition.Pairwise); err != nil {
		return nil, err
	}
	pairs, err := s.corpus.Pairs(competition.Pairwise)
	if err != nil {
		return nil, err
	}
	r := s.recipe.Finetune
	if f.target, err = targets.Of(pairs, r.Labels); err != nil {
		return nil, fmt.Errorf("finetune: labels of %s: %w", competition.Pairwise, err)
	}
	if f.split, err = split.ForTraining(pairs, r); err != nil {
		return nil, fmt.Errorf("finetune: %w", err)
	}
	if f.teacher, err = targets.Teacher(r, f.split.Train); err != nil {
		return nil, err
	}
	if f.builder, err = batch.NewBuilder(batch.ConfigOf(s.model()), s.tokens, s.tags); err != nil {
		return nil, err
	}
	return f, f.builder.Measure(f.videos.Len(), f.videos.Video)
}

// read reads both sides of the training pairs with these indices, their labels and their cosines of the teacher.
func (f *finetunePairs) read(indices []int, first, second []corpus.Video) (target, teacher []float32, err error) {
	target = make([]float32, len(indices))
	for i, index := range indices {
		p := f.split.Train[index]
		if err := f.readVideo(p.A, &first[i]); err != nil {
			return nil, nil, err
		}
		if err := f.readVideo(p.B, &second[i]); err != nil {
			return nil, nil, err
		}
		target[i] = float32(f.target[p.Score])
		if f.teacher != nil {
			teacher = append(teacher, f.teacher[index])
		}
	}
	return target, teacher, nil
}

func (f *finetunePairs) readVideo(id int64, v *corpus.Video) error {
	index, _ := f.videos.Find(id) // all ids were looked up at the start
	return f.videos.Read(index, v)
}

// validation returns the indices of the videos of the validation pairs, each once.
func (f *finetunePairs) validation() (indices []int) {
	seen := map[int64]bool{}
	for _, p := range f.split.Val {
		for _, id := range []int64{p.A, p.B} {
			if !seen[id] {
				index, _ := f.videos.Find(id)
				seen[id], indices = true, append(indices, index)
			}
		}
	}
	return indices
}
