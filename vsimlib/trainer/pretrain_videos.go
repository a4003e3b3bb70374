// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"fmt"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/step"
)

// pretrainVideos are the videos of pretraining: the union of the parts by id, so that each is in an epoch once.
type pretrainVideos struct {
	all      *corpus.Set
	pairwise *corpus.Set    // nil where the corpus has none
	untagged map[int64]bool // the tests' videos
	builder  *batch.Builder
	scratch  batch.Scratch
}

// openPretrainVideos opens the parts that the recipe names.
func openPretrainVideos(s *source) (*pretrainVideos, error) {
	v, p := &pretrainVideos{untagged: map[int64]bool{}}, s.recipe.Pretrain
	sets := map[string]*corpus.Set{}
	for _, name := range s.parts() {
		set, err := s.corpus.Part(name)
		if err != nil {
			return nil, err
		}
		sets[name] = set
	}
	if set := sets[competition.Pointwise]; p.MaxPointwise > 0 && set != nil {
		sets[competition.Pointwise] = set.First(p.MaxPointwise)
	}
	var tagged []*corpus.Set
	for _, name := range competition.Training() {
		if set := sets[name]; set != nil {
			tagged = append(tagged, set)
		}
	}
	v.all, v.pairwise = corpus.Union(tagged...), sets[competition.Pairwise]
	if v.all.Len() == 0 && p.Epochs > 0 {
		return nil, fmt.Errorf("pretrain: %s has no videos in pointwise or pairwise", s.corpus.Dir())
	}
	if p.IncludeTests {
		v.addTests(sets)
	}
	var err error
	if v.builder, err = step.PretrainBuilder(s.recipe, s.devices.Count(), s.tokens, s.tags); err != nil {
		return nil, err
	}
	return v, v.builder.Measure(v.all.Len(), v.all.Video) // without videos, nothing is measured
}

// addTests adds the test videos; they have no tags, so the tag loss does not see them.
func (v *pretrainVideos) addTests(sets map[string]*corpus.Set) {
	trained := v.all
	for _, name := range competition.Tests() {
		set := sets[name]
		if set == nil {
			continue
		}
		for i := range set.Len() {
			if _, known := trained.Find(set.ID(i)); !known {
				v.untagged[set.ID(i)] = true
			}
		}
		v.all = corpus.Union(v.all, set)
	}
}

// read reads the videos of set with these indices into videos, and reports which of them have tags.
func (v *pretrainVideos) read(videos []corpus.Video, indices []int, set *corpus.Set) (tagged []bool, err error) {
	tagged = make([]bool, len(indices))
	for i, index := range indices {
		if err := set.Read(index, &videos[i]); err != nil {
			return nil, err
		}
		tagged[i] = !v.untagged[videos[i].ID]
	}
	return tagged, nil
}
