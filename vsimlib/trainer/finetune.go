// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"errors"

	"vsim/vsimlib/optim"
	"vsim/vsimlib/run/outcome"
)

// Finetune trains the model o.Init on labelled pairs in the run directory o.Out, or continues there, validating on pairs held out
// by the recipe's split, and returns the content of result.json.
func Finetune(ctx context.Context, o Options) (FinetuneResult, error) {
	var result FinetuneResult
	if o.Init == "" {
		return result, errors.New("finetune: no model to start from; pretrain one first (with pretrain.epochs=0 it is a fresh one)")
	}
	o = o.withDefaults()
	s, err := openSource(ctx, Finetuning, o)
	if err != nil {
		return result, err
	}
	dir, unlock, err := claim(s, o)
	if err != nil {
		return result, err
	}
	defer unlock()
	saved := newStates(s, dir, o)
	if done, err := finished(s, dir, saved, o, &result); done || err != nil {
		result.Model = dir.Model() // the directory may have been moved
		return result, err
	}
	st, err := newFinetuneStage(s, saved)
	if err != nil {
		return result, err
	}
	defer st.close()
	l := newLoop(s, dir, st, saved, o)
	if err := l.run(ctx); err != nil {
		return result, err
	}
	steps := st.plan().steps()
	var chosen scored
	if err := optim.WithAverages(s.store, func() (err error) {
		chosen, err = st.choose(ctx, l.validating(steps))
		return err
	}); err != nil {
		return result, err
	}
	if chosen.Step == steps && !s.keepsAll() {
		st.dropBest(l.metrics)
	}
	if s.keep {
		err := finish(s, dir, result, result.Computed, saved)
		result.Model = dir.Model()
		return result, err
	}
	split := st.pairs.split
	result = FinetuneResult{Steps: steps, ValSpearman: chosen.Spearman, ValSpearmanError: chosen.Error, ValMSE: chosen.MSE,
		HeldOut: outcome.HeldOut{Split: split.Rule, Fold: s.recipe.Finetune.Fold, TrainPairs: len(split.Train), ValPairs: len(split.Val),
			ValVideos: split.ValVideos, LeakedPairs: split.LeakedPairs, LeakedVideos: split.LeakedVideos},
		SelectedStep: chosen.Step, VideosPerS: l.rate.VideosPerS(), Devices: s.devices.Count(), Model: dir.Model(), Computed: computed(s)}
	return result, finish(s, dir, result, result.Computed, saved)
}
