// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/own"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runid"
	"vsim/vsimlib/step"
	"vsim/vsimlib/tokenizer"
)

// source is what a stage starts from: the corpus, the resolved recipe, the vocabulary, the weights and the devices.
type source struct {
	stage   Stage
	corpus  *corpus.Corpus
	recipe  recipe.Recipe
	tokens  *tokenizer.Tokenizer
	vocab   string  // path of vocab.txt
	tags    []int64 // of the tag list; only in pretraining
	store   *model.Store
	devices step.Devices

	start runid.Start // what decides the run's result
	prior runid.Prior // the run that is in the directory
	mends bool        // that run was done and is not any more
	keep  bool        // its result holds
}

// openSource reads corpus, model and recipe, after a look at the run directory, in which it changes nothing. Records and pairs are
// read later; a run that fails on them before its first step leaves nothing that prevents its repetition.
func openSource(ctx context.Context, stage Stage, o Options) (*source, error) {
	s := &source{stage: stage, recipe: o.Recipe.Clone()}
	err := runid.Check(string(stage), run.Dir(o.Out), o.Init, o.Force)
	if err != nil {
		return nil, err
	}
	if s.devices, err = step.NewDevices(o.Backend, o.Devices); err != nil {
		return nil, fmt.Errorf("%s: %w", stage, err)
	}
	if s.corpus, err = corpus.Open(o.Corpus); err != nil {
		return nil, err
	}
	s.corpus.Skip = corpus.SkipUpTo(o.SkipBad, o.Warn)
	s.corpus.Watch = func(read, total int64) error {
		o.Report(Progress{Stage: Indexing, Done: int(read >> 20), Total: int(total >> 20), Unit: MiB})
		if ctx.Err() != nil {
			return fmt.Errorf("%s: reading %s for the first time: %w", stage, o.Corpus, ErrStopped)
		}
		return nil
	}
	if err := s.readModel(o); err != nil {
		return nil, err
	}
	return s, s.resolve()
}

// readModel takes weights, the recipe's model section and the vocabulary from o.Init, or the vocabulary from the corpus.
func (s *source) readModel(o Options) error {
	s.vocab = s.corpus.VocabPath()
	if o.Init != "" {
		if err := memplan.CheckLoad(o.Init); err != nil {
			return err
		}
		config, store, err := multimodal.Load(o.Init)
		if err != nil {
			return err
		}
		s.store = store
		if file := filepath.Join(o.Init, run.VocabFile); jsonfile.Exists(file) {
			s.vocab = file
		}
		if err := s.takeModel(config, o); err != nil {
			return err
		}
	}
	if s.vocab == "" {
		return fmt.Errorf("%s: %s has no %s; put one there or give a model to start from", s.stage, o.Corpus, run.VocabFile)
	}
	var err error
	if s.tokens, err = tokenizer.LoadVocab(s.vocab); err != nil || o.Init == "" {
		return err
	}
	return multimodal.CheckVocab(o.Init, s.recipe.Model, s.vocab, s.tokens)
}

// takeModel makes the configuration of the given model the recipe's, with the explicit settings on top.
func (s *source) takeModel(config recipe.Model, o Options) error {
	s.recipe.Model = config
	for _, set := range o.Set {
		if !strings.HasPrefix(strings.TrimSpace(set), "model.") {
			continue
		}
		if err := s.recipe.Set(set); err != nil {
			return err
		}
	}
	if names := s.recipe.Model.Contradicts(config); len(names) > 0 {
		return fmt.Errorf("%s: model.%s is set to other than what the weights in %s have", s.stage, strings.Join(names, ", model."),
			o.Init)
	}
	return nil
}

// resolve sets the sizes that the corpus decides.
func (s *source) resolve() error {
	if err := s.recipe.Validate(); err != nil {
		return err
	}
	var err error
	if s.stage == Pretraining {
		if s.tags, err = s.corpus.Tags(); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	width, err := s.corpus.FrameDim()
	if err != nil && s.recipe.Model.FrameDim == 0 { // a corpus of titles alone is legal where the recipe has the width
		return err
	}
	if err := s.tagTask(); err != nil {
		return err
	}
	sizes := recipe.Sizes{VocabSize: s.tokens.VocabSize(), FrameDim: width, NumTags: len(s.tags)}
	return cmp.Or(s.recipe.Resolve(sizes), own.CheckStage(string(s.stage), s.recipe))
}

// memoryPlan is the memory of the stage's step.
func memoryPlan(s *source, o Options, work plan) memplan.Plan {
	var examples []int
	for _, f := range work.phases {
		examples = append(examples, f.examples)
	}
	return memplan.Plan{Stage: memplan.Stage(s.stage), Recipe: s.recipe, Examples: examples, Devices: o.Devices,
		Kind: backends.Kind(o.Backend), Available: o.Memory}
}

// draw draws fresh weights where none were given; before that it refuses weights, or a step with them, that exceed the memory.
func (s *source) draw(o Options, work plan) (err error) {
	if s.store != nil {
		return nil
	}
	if err := memplan.CheckWeights(s.recipe.Model); err != nil {
		return fmt.Errorf("%s: %w", s.stage, err)
	}
	if s.recipe.Pretrain.Epochs > 0 {
		plan := memoryPlan(s, o, work)
		plan.Fresh = true
		if _, err := plan.Check(); err != nil {
			return err
		}
	}
	s.store, err = multimodal.NewStore(s.recipe.Model, s.recipe.Pretrain.Seed)
	return err
}

// tagTask turns the tag task off where there is no tag list, unless it was asked for explicitly.
func (s *source) tagTask() error {
	if s.stage != Pretraining || len(s.tags) > 0 {
		return nil
	}
	if w := s.recipe.Pretrain.WeightTag; w != nil && *w != 0 {
		return fmt.Errorf("pretrain: pretrain.weight_tag is %g, but %s has no %s; set it to 0", *w, s.corpus.Dir(),
			competition.TagListFile)
	}
	s.recipe.Pretrain.WeightTag = new(float64(0))
	return nil
}

// parts returns the parts of the corpus that the stage reads; the tests only where the recipe says so.
func (s *source) parts() []string {
	wanted := competition.Training()
	switch {
	case s.stage == Finetuning:
		wanted = []string{competition.Pairwise}
	case s.recipe.Pretrain.IncludeTests:
		wanted = competition.Parts()
	}
	return slices.DeleteFunc(wanted, func(part string) bool { return !slices.Contains(s.corpus.Parts(), part) })
}

// model is the configuration that the graphs of the model follow.
func (s *source) model() recipe.Model { return step.ModelOn(s.recipe.Model, s.devices.Count()) }

// checkSplit returns an error if steps over n examples cannot be divided into micro-batches and among the devices.
func (s *source) checkSplit(n int) error {
	size, accumulate := s.recipe.Pretrain.Batch, s.recipe.Pretrain.Accumulate
	if s.stage == Finetuning {
		size, accumulate = s.recipe.Finetune.Batch, s.recipe.Finetune.Accumulate
	}
	return step.CheckSplit(string(s.stage), n, size, accumulate, s.devices.Count())
}

// keepsAll reports whether all checkpoints stay once the run is done.
func (s *source) keepsAll() bool {
	if s.stage == Finetuning {
		return s.recipe.Finetune.CheckpointKeep
	}
	return s.recipe.Pretrain.CheckpointKeep
}
