// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/own/choose"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/trainer"
	"vsim/vsimlib/workspace"
)

// Pretrain pretrains the model of that name on the corpus, with own functions where they are given. A pretraining that was stopped
// continues; one that is finished is returned at once.
func Pretrain(name string, r recipe.Recipe, functions ...Own) (result trainer.PretrainResult, err error) {
	err = train(name, workspace.Pretrain, r, functions, func(ctx context.Context, o trainer.Options) (steps int, err error) {
		result, err = trainer.Pretrain(ctx, o)
		return result.Steps, err
	})
	return result, err
}

// Finetune finetunes the pretrained model of that name on the corpus's pairs. It continues and returns as Pretrain does.
func Finetune(name string, r recipe.Recipe, functions ...Own) (result trainer.FinetuneResult, err error) {
	m, err := modelOf(name)
	if err != nil {
		return result, err
	}
	err = train(name, workspace.Finetune, r, functions, func(ctx context.Context, o trainer.Options) (steps int, err error) {
		o.Init = m.Run(workspace.Pretrain).Model()
		if !jsonfile.Exists(o.Init) {
			return 0, fmt.Errorf("finetune %s: no pretrained model %s; run the cell that pretrains it first", name, o.Init)
		}
		result, err = trainer.Finetune(ctx, o)
		return result.Steps, err
	})
	return result, err
}

// stageWork is one stage of a model's training.
type stageWork func(context.Context, trainer.Options) (steps int, err error)

// train runs one stage with its progress shown, stops it on an interrupt, and adds up its seconds.
func train(name, stage string, r recipe.Recipe, functions []Own, work stageWork) error {
	r, set, err := choose.Apply(r, functions...)
	if err != nil {
		return fmt.Errorf("%s %s: %w", stage, name, err)
	}
	w, err := workspace.Open()
	if err != nil {
		return err
	}
	m, err := w.Model(name)
	if err != nil {
		return err
	}
	b, dir := newBoard(stage+" "+name), m.Run(stage)
	o := trainer.Options{Corpus: w.Corpus, Recipe: r, Set: set, Out: string(dir)}
	if manifest.Hold(string(dir)) == nil { // else the stage names what is missing of it
		return b.finished(m, stage, o, work)
	}
	fresh := !jsonfile.Exists(dir.Recipe())
	return stoppable(b.what, b.reached, func(ctx context.Context) error {
		d, err := b.device()
		if err != nil {
			return err
		}
		o.Backend, o.Report, o.Warn = d.Backend, b.training, b.warn
		steps, err := work(ctx, o)
		if err != nil && !errors.Is(err, trainer.ErrStopped) {
			return err
		}
		total, notSaved := m.AddSeconds(stage, b.seconds(), fresh)
		if err = cmp.Or(err, notSaved); err == nil {
			b.show(fmt.Sprintf("%d steps, %.0f s", steps, math.Ceil(total)), true)
		}
		return err
	})
}

// finished returns what a finished stage found, and shows how long it took.
func (b *board) finished(m workspace.Model, stage string, o trainer.Options, work stageWork) error {
	if _, err := work(context.Background(), o); err != nil {
		return err
	}
	seconds, err := m.Seconds()
	if err == nil {
		b.show(fmt.Sprintf("done before, in %.0f s", math.Ceil(seconds[stage])), true)
	}
	return err
}
