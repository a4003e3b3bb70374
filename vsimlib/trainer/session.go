// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
	"vsim/vsimlib/tokenizer"
)

// session is what both stages have open: the run directory under its lock, the corpus, the model.
type session struct {
	Options
	stage  string
	dir    run.Dir
	unlock func()
	corpus *corpus.Corpus
	tags   []int64
	tokens *tokenizer.Tokenizer
	vocab  string // path of vocab.txt
	store  *model.Store
	placement
}

// identity is what a run was started on, beside its recipe; it is kept in the run directory.
type identity struct {
	Stage  string `json:"stage"`
	Corpus string `json:"corpus"` // fingerprint of the parts that the stage reads
	Vocab  string `json:"vocab"`  // sha256 of vocab.txt
	Init   string `json:"init"`   // sha256 of the weights started from
}

// open reads corpus, model and recipe before the run directory is touched; records and pairs are read after, and a run that
// fails on them before its first step leaves nothing that its repetition minds.
func open(ctx context.Context, stage string, o Options) (*session, error) {
	if o.Report == nil {
		o.Report = func(Progress) {}
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	s := &session{Options: o, stage: stage, dir: run.Dir(o.Out)}
	var err error
	if s.placement, err = place(o.Backend, o.Devices); err != nil {
		return nil, fmt.Errorf("%s: %w", stage, err)
	}
	if s.corpus, err = corpus.Open(o.Corpus); err != nil {
		return nil, err
	}
	s.corpus.Watch = func(read, total int64) error {
		o.Report(Progress{Stage: Indexing, Done: int(read >> 20), Total: int(total >> 20), Unit: MiB})
		if ctx.Err() != nil {
			return fmt.Errorf("%s: reading %s for the first time: %w", stage, o.Corpus, ErrStopped)
		}
		return nil
	}
	if err := s.readModel(); err != nil {
		return nil, err
	}
	if err := s.resolve(); err != nil {
		return nil, err
	}
	if err := s.clear(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return nil, fmt.Errorf("%s: %w", stage, err)
	}
	if s.unlock, err = s.dir.Lock(); err != nil {
		return nil, err
	}
	if err := s.claim(); err != nil {
		s.unlock()
		return nil, err
	}
	return s, nil
}

// clear removes the run of before where Force says so, but never the model that this one starts from.
func (s *session) clear() error {
	if !s.Force {
		return nil
	}
	if s.Init != "" {
		init, err := filepath.EvalSymlinks(s.Init)
		if err != nil {
			return fmt.Errorf("%s: %w", s.stage, err)
		}
		out, err := filepath.EvalSymlinks(s.Out)
		if err != nil {
			return nil // there is nothing to clear
		}
		if from, err := relative(out, init); err != nil || filepath.IsLocal(from) {
			return fmt.Errorf("%s: the model %s to start from lies in %s, which would be cleared; use another directory", s.stage, s.Init, s.Out)
		}
	}
	return s.dir.Clear()
}

func relative(base, path string) (string, error) {
	base, err := filepath.Abs(base)
	if err != nil {
		return "", err
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", err
	}
	return filepath.Rel(base, path)
}

// readModel takes weights, the recipe's model section and the vocabulary from Init, or the vocabulary from the corpus.
func (s *session) readModel() error {
	s.vocab = s.corpus.VocabPath()
	if s.Init != "" {
		config, store, err := multimodal.Load(s.Init)
		if err != nil {
			return err
		}
		s.store = store
		if own := filepath.Join(s.Init, run.VocabFile); exists(own) {
			s.vocab = own
		}
		if err := s.takeModel(config); err != nil {
			return err
		}
	}
	if s.vocab == "" {
		return fmt.Errorf("%s: %s has no %s; put one there or give a model to start from", s.stage, s.Corpus, run.VocabFile)
	}
	var err error
	s.tokens, err = tokenizer.LoadVocab(s.vocab)
	return err
}

// takeModel makes the given model's configuration the recipe's, with what was set in so many words on top.
func (s *session) takeModel(config recipe.Model) error {
	s.Recipe = s.Recipe.Clone()
	s.Recipe.Model = config
	for _, set := range s.Set {
		if !strings.HasPrefix(strings.TrimSpace(set), "model.") {
			continue
		}
		if err := s.Recipe.Set(set); err != nil {
			return err
		}
	}
	if names := s.Recipe.Model.Contradicts(config); len(names) > 0 {
		return fmt.Errorf("%s: model.%s is set to other than what the weights in %s have", s.stage, strings.Join(names, ", model."), s.Init)
	}
	return nil
}

// resolve fills in the sizes that the corpus decides and draws fresh weights where none were given.
func (s *session) resolve() error {
	if err := s.Recipe.Validate(); err != nil {
		return err
	}
	var err error
	if s.stage == "pretrain" {
		if s.tags, err = s.corpus.Tags(); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	width, err := s.corpus.FrameDim()
	if err != nil && s.Recipe.Model.FrameDim == 0 { // a corpus of titles alone is legal where the recipe gives the width
		return err
	}
	s.Recipe = s.Recipe.Clone()
	if err := s.tagTask(); err != nil {
		return err
	}
	sizes := recipe.Sizes{VocabSize: s.tokens.VocabSize(), FrameDim: width, NumTags: len(s.tags)}
	if err := s.Recipe.Resolve(sizes); err != nil {
		return err
	}
	if s.store == nil {
		s.store, err = multimodal.NewStore(s.Recipe.Model, s.Recipe.Pretrain.Seed)
	}
	return err
}

// tagTask turns the tag task off where there is no tag list, unless it was asked for in so many words.
func (s *session) tagTask() error {
	w := s.Recipe.Pretrain.WeightTag
	if s.stage != "pretrain" || len(s.tags) > 0 {
		return nil
	}
	if w != nil && *w != 0 {
		return fmt.Errorf("pretrain: pretrain.weight_tag is %g, but %s has no tag_list.txt; set it to 0", *w, s.Corpus)
	}
	s.Recipe.Pretrain.WeightTag = new(float64(0))
	return nil
}

// reads returns the parts of the corpus that the stage reads; the tests only where the recipe says so.
func (s *session) reads() []string {
	wanted := []string{"pointwise", labelled}
	switch {
	case s.stage == "finetune":
		wanted = []string{labelled}
	case s.Recipe.Pretrain.IncludeTests:
		wanted = append(wanted, "test_a", "test_b")
	}
	return slices.DeleteFunc(wanted, func(part string) bool { return !slices.Contains(s.corpus.Parts(), part) })
}

// claim writes the recipe and what the run starts from into a new run directory, or compares them with those of an old one.
func (s *session) claim() error {
	now := identity{Stage: s.stage}
	var err error
	if now.Corpus, err = s.corpus.Fingerprint(s.reads()...); err != nil {
		return err
	}
	if now.Vocab, err = run.FileHash(s.vocab); err != nil {
		return err
	}
	if s.Init != "" {
		if now.Init, err = run.FileHash(filepath.Join(s.Init, run.WeightsFile)); err != nil {
			return err
		}
	}
	if !exists(s.dir.Recipe()) || !exists(s.dir.Metrics()) { // a run that failed before its first step holds nothing
		if err := run.WriteJSON(s.dir.Identity(), now); err != nil {
			return err
		}
		return run.WriteJSON(s.dir.Recipe(), s.Recipe)
	}
	was, err := recipe.Load(s.dir.Recipe())
	if err != nil {
		return err
	}
	if diff := was.Diff(s.Recipe); len(diff) > 0 {
		return fmt.Errorf("%s: %s: was started with another recipe (%s); use another directory or the old settings", s.stage, s.dir, diff[0])
	}
	var before identity
	if err := readJSON(s.dir.Identity(), &before); err != nil {
		return err
	}
	if before != now {
		return fmt.Errorf("%s: %s: was started %s; use another directory", s.stage, s.dir, before.differs(now))
	}
	return nil
}

func (i identity) differs(now identity) string {
	switch {
	case i.Stage != now.Stage:
		return "as a run of " + i.Stage
	case i.Vocab != now.Vocab:
		return "with another vocabulary"
	case i.Corpus != now.Corpus:
		return "on a corpus of other contents"
	}
	return "from other weights"
}

// finished reads the result of a run that is done; ok is false where it is not.
func (s *session) finished(result any) (ok bool, err error) {
	if _, err := os.Stat(s.dir.Result()); err != nil {
		return false, nil
	}
	if err := readJSON(s.dir.Result(), result); err != nil {
		return false, err
	}
	return true, nil
}

// computed is the recipe that the graphs follow. Over several devices each video keeps a row of its own, for its device.
func (s *session) computed() recipe.Recipe { return computed(s.Recipe, s.Devices) }

func computed(r recipe.Recipe, devices int) recipe.Recipe {
	r = r.Clone()
	r.Model.KeepPadding = r.Model.KeepPadding || devices > 1
	return r
}

// finish writes the model directory and the result, in this order: a result means that all is there.
func (s *session) finish(result any) error {
	weights, err := multimodal.Weights(s.Recipe.Model, s.store)
	if err != nil {
		return err
	}
	if err := multimodal.Save(s.dir.Model(), s.Recipe.Model, weights, s.vocab); err != nil {
		return err
	}
	return run.WriteJSON(s.dir.Result(), result)
}

// state is what a checkpoint holds beside its tensors.
type state struct {
	checkpoint.Refs
	Best *scored `json:"best,omitempty"`
}

// scored is a validated state.
type scored struct {
	Step     int     `json:"step"`
	Spearman float64 `json:"val_spearman"`
	MSE      float64 `json:"val_mse"`
}

// Groups of a checkpoint and the scopes they are of.
var scopes = map[string]string{weightsGroup: checkpoint.Root, "moments1": optim.FirstMoments, "moments2": optim.SecondMoments}

const weightsGroup = "weights"

const bestName = "best"

// restore loads the newest good checkpoint and returns its step and state, or 0.
func (s *session) restore() (int, state, error) {
	var st state
	found, warnings, err := checkpoint.Latest(s.dir.Checkpoints())
	for _, w := range warnings {
		s.Warn(w)
	}
	if err != nil || found == nil {
		return 0, st, err
	}
	if err := json.Unmarshal(found.State, &st); err != nil {
		return 0, st, fmt.Errorf("%s: %s: state: %w", s.stage, found.Path, err)
	}
	if err := s.put(found); err != nil {
		return 0, st, err
	}
	for _, w := range checkpoint.DropAfter(s.dir.Checkpoints(), found.Step) {
		s.Warn(w)
	}
	return found.Step, st, nil
}

// put sets weights and moments from a checkpoint.
func (s *session) put(found *checkpoint.Loaded) error {
	moments := map[string][]safetensors.Tensor{}
	for group, scope := range scopes {
		list, err := found.Group(group)
		if err != nil {
			return err
		}
		if scope == checkpoint.Root {
			if err := checkpoint.Restore(s.store, scope, list); err != nil {
				return err
			}
			continue
		}
		moments[scope] = list
	}
	// Weight by weight, both moments, as the optimiser makes them: the program that XLA compiles depends on their order.
	first, second := moments[optim.FirstMoments], moments[optim.SecondMoments]
	if len(first) != len(second) {
		return fmt.Errorf("%s: %s: %d first moments, %d second ones", s.stage, found.Path, len(first), len(second))
	}
	for i := range first {
		if err := optim.SetMoments(s.store, first[i].Name); err != nil {
			return err
		}
	}
	if err := checkpoint.RestoreMoments(s.store, optim.FirstMoments, first); err != nil {
		return err
	}
	return checkpoint.RestoreMoments(s.store, optim.SecondMoments, second)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func readJSON(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w (%s)", path, err, reflect.TypeOf(into).Elem().Name())
	}
	return nil
}
