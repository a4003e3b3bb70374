// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/trainer"
)

// opened is a backend, in the form in which trainer takes it, and what is known of it.
type opened struct {
	trainer.Options
	info backends.Info
}

// openDevice opens the backend, once a cell.
var openDevice = sync.OnceValues(func() (o opened, err error) {
	o.Backend, o.info, err = backends.Open()
	return o, err
})

// device opens the backend and passes on what the user should know of it.
func (b *board) device() (opened, error) {
	d, err := openDevice()
	if err == nil && d.info.Warning != "" {
		b.warn(d.info.Warning)
	}
	return d, err
}

// Recipe is the preset of the notebook's scale as the n-th of the six members, with settings (section.name=value) over it.
func Recipe(member int, set ...string) (recipe.Recipe, error) {
	p, err := where()
	if err != nil {
		return recipe.Recipe{}, err
	}
	r, err := recipe.Load(p.scale)
	if err != nil {
		return recipe.Recipe{}, err
	}
	if err := r.Member(member); err != nil {
		return recipe.Recipe{}, err
	}
	for _, s := range set {
		if err := r.Set(s); err != nil {
			return recipe.Recipe{}, err
		}
	}
	return r, r.Validate()
}

// Stages of a model's training, and the names of their run directories.
const (
	pretrain = "pretrain"
	finetune = "finetune"
)

// Pretrain pretrains the model of that name on the corpus, or goes on with it, or returns at once what is done.
func Pretrain(name string, r recipe.Recipe) (result trainer.PretrainResult, err error) {
	err = train(name, pretrain, r, func(ctx context.Context, o trainer.Options) (steps int, err error) {
		result, err = trainer.Pretrain(ctx, o)
		return result.Steps, err
	})
	return result, err
}

// Finetune finetunes the pretrained model of that name on the corpus's pairs, or goes on with it, or returns at once what
// is done.
func Finetune(name string, r recipe.Recipe) (result trainer.FinetuneResult, err error) {
	err = train(name, finetune, r, func(ctx context.Context, o trainer.Options) (steps int, err error) {
		o.Init = Run(name, pretrain).Model()
		if _, err := os.Stat(o.Init); err != nil {
			return 0, fmt.Errorf("finetune %s: no pretrained model %s; run the cell that pretrains it first", name, o.Init)
		}
		result, err = trainer.Finetune(ctx, o)
		return result.Steps, err
	})
	return result, err
}

// train runs one stage with its progress shown, stops it on an interrupt, and keeps count of its seconds.
func train(name, stage string, r recipe.Recipe, work func(context.Context, trainer.Options) (steps int, err error)) error {
	p, err := where()
	if err != nil {
		return err
	}
	home, err := p.model(name)
	if err != nil {
		return err
	}
	dir := run.Dir(filepath.Join(home, stage))
	b := newBoard(stage + " " + name)
	if _, err := os.Stat(dir.Result()); err == nil {
		_, err := work(context.Background(), trainer.Options{Corpus: p.corpus, Recipe: r, Out: string(dir)})
		if err != nil {
			return err
		}
		seconds, err := readSeconds(home)
		if err == nil {
			b.show(fmt.Sprintf("done before, in %.0f s", math.Ceil(seconds[stage])), true)
		}
		return err
	}
	fresh := !exists(dir.Recipe())
	return stoppable(b.what, b.where, func(ctx context.Context) error {
		d, err := b.device()
		if err != nil {
			return err
		}
		steps, err := work(ctx, trainer.Options{Backend: d.Backend, Corpus: p.corpus, Recipe: r, Out: string(dir), Report: b.training, Warn: b.warn})
		if err != nil && !errors.Is(err, trainer.ErrStopped) {
			return err
		}
		total, kept := addSeconds(home, stage, b.seconds(), fresh)
		if err == nil {
			err = kept
		}
		if err == nil {
			b.show(fmt.Sprintf("%d steps, %.0f s", steps, math.Ceil(total)), true)
		}
		return err
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// secondsFile says how long each stage of a model took, compilation and validation with it.
func secondsFile(home string) string { return filepath.Join(home, "seconds.json") }

func readSeconds(home string) (map[string]float64, error) {
	seconds := map[string]float64{}
	data, err := os.ReadFile(secondsFile(home))
	if errors.Is(err, fs.ErrNotExist) {
		return seconds, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &seconds); err != nil {
		return nil, fmt.Errorf("%s: %w", secondsFile(home), err)
	}
	return seconds, nil
}

// addSeconds adds to what a stage took before it was stopped; a fresh run starts from none.
func addSeconds(home, stage string, took float64, fresh bool) (total float64, err error) {
	seconds, err := readSeconds(home)
	if err != nil {
		return took, err
	}
	if fresh {
		seconds[stage] = 0
	}
	seconds[stage] = math.Round(10*(seconds[stage]+took)) / 10
	return seconds[stage], run.WriteJSON(secondsFile(home), seconds)
}
