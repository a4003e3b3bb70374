// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"

	"vsim/vsimlib/run"
)

// Pretrain trains on tags, masked tokens and masked frames in the run directory o.Out, or continues there, and returns the
// content of result.json. Where o.Recipe has 0 epochs it ends at once with the fresh (or given) model.
func Pretrain(ctx context.Context, o Options) (PretrainResult, error) {
	var result PretrainResult
	o = o.withDefaults()
	s, err := openSource(ctx, Pretraining, o)
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
	st, err := newPretrainStage(s)
	if err != nil {
		return result, err
	}
	defer st.close()
	if err := s.draw(o, st.plan()); err != nil {
		return result, err
	}
	l := newLoop(s, dir, st, saved, o)
	if err := l.run(ctx); err != nil {
		return result, err
	}
	if s.keep {
		err := finish(s, dir, result, result.Computed, saved)
		result.Model = dir.Model()
		return result, err
	}
	plan := st.plan()
	result = PretrainResult{Steps: plan.steps(), Videos: st.videos.all.Len(), Devices: s.devices.Count(),
		VideosPerS: l.rate.VideosPerS(), Model: dir.Model(), Computed: computed(s)}
	if result.Losses, result.Val, err = run.Summary(dir.Metrics(), plan.steps()-plan.lastEpoch()); err != nil {
		return result, err
	}
	if result.Diverged, err = run.Diverged(dir.Metrics()); err != nil {
		return result, err
	} else if result.Diverged != "" {
		o.Warn("pretrain: " + result.Diverged)
	}
	return result, finish(s, dir, result, result.Computed, saved)
}
