// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/token"
	"vsim/vsimlib/videobert"
)

// session is what both stages have open: the run directory under its lock, the corpus, the model.
type session struct {
	Options
	stage  string
	dir    run.Dir
	unlock func()
	corpus *corpus.Corpus
	tags   []int64
	tokens *token.Tokenizer
	vocab  string // path of vocab.txt
	store  *model.Store
}

// identity is what a run was started on, beside its recipe; it is kept in the run directory.
type identity struct {
	Stage  string `json:"stage"`
	Corpus string `json:"corpus"` // fingerprint
	Init   string `json:"init"`   // sha256 of the weights started from
}

// open reads everything that may be wrong before the run directory is touched.
func open(stage string, o Options) (*session, error) {
	if o.Report == nil {
		o.Report = func(Progress) {}
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	s := &session{Options: o, stage: stage, dir: run.Dir(o.Out)}
	var err error
	if s.corpus, err = corpus.Open(o.Corpus); err != nil {
		return nil, err
	}
	if err := s.readModel(); err != nil {
		return nil, err
	}
	if err := s.resolve(); err != nil {
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

// readModel takes weights, the recipe's model section and the vocabulary from Init, or the vocabulary from the corpus.
func (s *session) readModel() error {
	s.vocab = s.corpus.VocabPath()
	if s.Init != "" {
		config, store, err := videobert.Load(s.Init)
		if err != nil {
			return err
		}
		s.store, s.vocab = store, filepath.Join(s.Init, run.VocabFile)
		if err := s.takeModel(config); err != nil {
			return err
		}
	}
	if s.vocab == "" {
		return fmt.Errorf("%s: %s has no %s; put one there or give a model to start from", s.stage, s.Corpus, run.VocabFile)
	}
	var err error
	s.tokens, err = token.LoadVocab(s.vocab)
	return err
}

// takeModel makes the given model's configuration the recipe's, with what was set in so many words on top.
func (s *session) takeModel(config recipe.Model) error {
	s.Recipe = s.Recipe.Clone()
	s.Recipe.Model = config
	for _, set := range s.Set {
		if !strings.HasPrefix(set, "model.") {
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
	if s.tags, err = s.corpus.Tags(); err != nil && !errors.Is(err, os.ErrNotExist) { // without a tag list the task is off
		return err
	}
	width, err := s.corpus.FrameDim()
	if err != nil && s.Recipe.Model.FrameDim == 0 { // a corpus of titles alone is legal where the recipe gives the width
		return err
	}
	s.Recipe = s.Recipe.Clone()
	sizes := recipe.Sizes{VocabSize: s.tokens.VocabSize(), FrameDim: width, NumTags: len(s.tags)}
	if err := s.Recipe.Resolve(sizes); err != nil {
		return err
	}
	if s.store == nil {
		s.store, err = videobert.NewStore(s.Recipe.Model, s.Recipe.Pretrain.Seed)
	}
	return err
}

// claim writes the recipe and what the run starts from into a new run directory, or compares them with those of an old one.
func (s *session) claim() error {
	now := identity{Stage: s.stage}
	var err error
	if now.Corpus, err = s.corpus.Fingerprint(); err != nil {
		return err
	}
	if s.Init != "" {
		if now.Init, err = fileHash(filepath.Join(s.Init, run.WeightsFile)); err != nil {
			return err
		}
	}
	if _, err := os.Stat(s.dir.Recipe()); errors.Is(err, os.ErrNotExist) {
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

// builder returns the batch builder for this corpus and model.
func (s *session) builder(mlm, mfm float64) (*batch.Builder, error) {
	m := s.Recipe.Model
	config := batch.Config{MaxText: m.MaxText, MaxFrames: m.MaxFrames, FrameDim: m.FrameDim, Layout: m.Layout, MLMProbability: mlm, MFMProbability: mfm}
	return batch.NewBuilder(config, s.tokens, s.tags)
}

// finish writes the model directory and the result, in this order: a result means that all is there.
func (s *session) finish(result any) error {
	weights, err := videobert.Weights(s.Recipe.Model, s.store)
	if err != nil {
		return err
	}
	if err := videobert.Save(s.dir.Model(), s.Recipe.Model, weights, s.vocab); err != nil {
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
var scopes = map[string]string{"weights": checkpoint.Root, "moments1": optim.FirstMoments, "moments2": optim.SecondMoments}

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
	for group, scope := range scopes {
		list, err := found.Group(group)
		if err != nil {
			return 0, st, err
		}
		put := checkpoint.RestoreMoments
		if scope == checkpoint.Root {
			put = checkpoint.Restore
		}
		if err := put(s.store, scope, list); err != nil {
			return 0, st, err
		}
	}
	for _, w := range checkpoint.DropAfter(s.dir.Checkpoints(), found.Step) {
		s.Warn(w)
	}
	return found.Step, st, nil
}

func fileHash(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
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
