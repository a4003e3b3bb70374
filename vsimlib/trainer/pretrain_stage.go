// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"fmt"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/step"
)

// pretrainStage is the stage of pretraining: epochs over all videos and, after them, further epochs over pairwise alone, with a
// schedule of their own but the same optimiser (member 4).
type pretrainStage struct {
	source *source
	videos *pretrainVideos
	order  batch.EpochOrder
	check  *pretrainCheck // nil: no validation
	phases plan
	sets   []*corpus.Set // the videos of each phase
}

// newPretrainStage opens the videos and plans the steps.
func newPretrainStage(s *source) (*pretrainStage, error) {
	v, err := openPretrainVideos(s)
	if err != nil {
		return nil, err
	}
	p := s.recipe.Pretrain
	st := &pretrainStage{source: s, videos: v, phases: plan{checkpointEvery: p.CheckpointEvery, valEvery: p.ValEvery}}
	if p.Epochs > 0 && p.PairwiseEpochs > 0 {
		if v.pairwise == nil {
			return nil, fmt.Errorf("pretrain: pairwise_epochs is %d, but %s has no pairwise videos", p.PairwiseEpochs, s.corpus.Dir())
		}
		if err := s.checkSplit(v.pairwise.Len()); err != nil {
			return nil, err
		}
	}
	first := p.Schedule(v.all.Len())
	if err := s.checkSplit(v.all.Len()); first.Steps > 0 && err != nil {
		return nil, err
	}
	st.add(v.all, first, p.Epochs)
	if p.Epochs > 0 && p.PairwiseEpochs > 0 {
		st.add(v.pairwise, p.PairwiseSchedule(v.pairwise.Len()), p.PairwiseEpochs)
	}
	if st.phases.steps() > 0 {
		st.check = newPretrainCheck(s, v)
	}
	return st, nil
}

// add appends epochs over a set.
func (st *pretrainStage) add(set *corpus.Set, schedule recipe.Schedule, epochs int) {
	st.sets = append(st.sets, set)
	st.phases.add(schedule, epochs, set.Len(), step.PretrainOptim(st.source.recipe, schedule))
}

func (st *pretrainStage) plan() plan { return st.phases }

func (st *pretrainStage) config() step.Config {
	return step.PretrainConfig(st.source.recipe, st.source.devices, st.source.store)
}

// batch builds the batch of a step. The epochs of a later phase are numbered after those before it, so that their orders differ.
func (st *pretrainStage) batch(n int) (step.Batch, error) {
	i, within := st.phases.at(n)
	p, set := st.source.recipe.Pretrain, st.sets[i]
	indices := st.order.Indices(set.Len(), p.Batch, p.Seed, st.phases.phases[i].firstEpoch, within)
	videos := st.videos.scratch.Take(len(indices))
	defer st.videos.scratch.GiveBack(videos)
	tagged, err := st.videos.read(videos, indices, set)
	if err != nil {
		return step.Batch{}, err
	}
	parts, err := step.PretrainParts(st.videos.builder, p, n, videos, tagged)
	if err != nil {
		return step.Batch{}, err
	}
	return step.NewPretrainBatch(p, parts)
}

func (st *pretrainStage) validates() bool { return st.check != nil }

func (st *pretrainStage) validate(ctx context.Context, _ int, _ func(videos, total int)) ([]Loss, error) {
	return st.check.run(ctx)
}

func (st *pretrainStage) close() {
	if st.check != nil {
		st.check.close()
	}
}
