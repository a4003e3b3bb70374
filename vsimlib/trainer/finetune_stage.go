// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"errors"
	"fmt"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/checkpoint/saver"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/step"
)

// finetuneStage is the stage of finetuning: epochs over the training pairs, validated on those held out.
type finetuneStage struct {
	source  *source
	pairs   *finetunePairs
	order   batch.EpochOrder
	scratch batch.Scratch
	check   *finetuneCheck
	states  *states
	epochs  plan
	last    *scored // the newest validation of this process
}

// newFinetuneStage opens the pairs and plans the steps. The best state is saved among saved.
func newFinetuneStage(s *source, saved *states) (*finetuneStage, error) {
	f, err := openFinetunePairs(s)
	if err != nil {
		return nil, err
	}
	r := s.recipe.Finetune
	schedule := r.Schedule(len(f.split.Train))
	if err := s.checkSplit(len(f.split.Train)); schedule.Steps > 0 && err != nil {
		return nil, err
	}
	st := &finetuneStage{source: s, pairs: f, states: saved, epochs: plan{checkpointEvery: r.CheckpointEvery, valEvery: r.ValEvery}}
	st.epochs.add(schedule, r.Epochs, len(f.split.Train), step.FinetuneOptim(s.recipe, schedule))
	st.check, err = newFinetuneCheck(s, f)
	return st, err
}

func (st *finetuneStage) plan() plan { return st.epochs }

func (st *finetuneStage) config() step.Config {
	return step.FinetuneConfig(st.source.recipe, st.source.devices, st.source.store)
}

func (st *finetuneStage) batch(n int) (step.Batch, error) {
	r := st.source.recipe.Finetune
	indices := st.order.Indices(len(st.pairs.split.Train), r.Batch, r.Seed, 0, n)
	b := len(indices)
	videos := st.scratch.Take(2 * b)
	defer st.scratch.GiveBack(videos)
	first, second := videos[:b], videos[b:]
	target, teacher, err := st.pairs.read(indices, first, second)
	if err != nil {
		return step.Batch{}, err
	}
	parts, err := step.PairParts(st.pairs.builder, r, first, second, target, teacher)
	if err != nil {
		return step.Batch{}, err
	}
	return step.NewPairBatch(parts), nil
}

func (st *finetuneStage) validates() bool { return true }

// validate scores the current weights on the pairs held out, and saves them if they are the best so far.
func (st *finetuneStage) validate(ctx context.Context, done int, report func(videos, total int)) ([]Loss, error) {
	now, err := st.check.score(ctx, done, report)
	if errors.Is(err, errCosines) && done < st.epochs.steps() { // further training may change that
		st.states.warn(fmt.Sprintf("finetune: step %d: %v", done, err))
		return []Loss{{"val_mse", now.MSE}}, nil
	}
	if err != nil {
		return nil, err
	}
	st.last = &now
	if st.source.recipe.Finetune.Select == recipe.SelectBest {
		if top := st.states.top(); top == nil || st.better(now, *top) {
			st.states.saveBest(now)
		}
	}
	return []Loss{{"val_spearman", now.Spearman}, {"val_mse", now.MSE}}, nil
}

// better reports whether a is a better state than b by what the recipe trains on: neither a loss of their order nor a teacher
// determines the values of the cosines.
func (st *finetuneStage) better(a, b scored) bool {
	if st.source.recipe.Finetune.OrderSelects() {
		return a.Spearman > b.Spearman
	}
	return a.MSE < b.MSE
}

// choose sets the weights that the recipe selects and returns their validation.
func (st *finetuneStage) choose(ctx context.Context, report func(videos, total int)) (scored, error) {
	if st.last == nil { // no step trained, or none in this process
		now, err := st.check.score(ctx, st.epochs.steps(), report)
		if err != nil {
			return scored{}, fmt.Errorf("finetune: %w", err)
		}
		st.last = &now
	}
	best := st.states.top()
	if best == nil || best.Step == st.last.Step {
		return *st.last, nil
	}
	if st.states.lost != nil {
		return scored{}, fmt.Errorf("finetune: step %d is the best, and its weights are lost: %w", best.Step, st.states.lost)
	}
	return *best, st.states.loadBest()
}

// dropBest saves the last checkpoint once more without its best state, which is outdated: the run's model is the last state. The
// log is on the disk.
func (st *finetuneStage) dropBest(log *run.Metrics) {
	s, last := st.states, st.epochs.steps()
	if needed, err := checkpoint.Needed(s.run.Checkpoints(), last); err != nil || len(needed) == 0 {
		return
	}
	alone := state{Step: last, Run: new(st.source.start.Spent()), Metrics: log.Sum()}
	s.saver.Start(st.source.store, saver.Save{Step: last, State: alone})
	s.settle(s.saver.Wait())
}

func (st *finetuneStage) close() { st.check.embedder.Close() }
