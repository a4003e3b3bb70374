// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runid"
	"vsim/vsimlib/safetensors"
)

// states are the checkpoints of a run: those to continue from, and the best validated one.
type states struct {
	stage Stage
	dir   string // of the checkpoints
	store *model.Store
	warn  func(string)
	saved int     // step of the newest checkpoint
	log   string  // its Metrics
	best  *scored // nil: none yet

	source *source
	run    run.Dir
}

// state is what a checkpoint has besides its tensors.
type state struct {
	checkpoint.Refs
	Best *scored      `json:"best,omitempty"`
	Step int          `json:"step"`
	Run  *runid.Start `json:"run,omitempty"` // older versions did not write it
	// Metrics is the run.Metrics.Sum of the log; older versions did not write it.
	Metrics string `json:"metrics_sha256,omitempty"`
}

// scored is a validated state.
type scored struct {
	Step     int     `json:"step"`
	Spearman float64 `json:"val_spearman"`
	MSE      float64 `json:"val_mse"`
}

// checkpoints is how many of them a run keeps: the newest, and one to fall back on.
const checkpoints = 2

// weightsGroup and bestName are names of a group of tensors and of the checkpoint of the best state.
const (
	weightsGroup = "weights"
	bestName     = "best"
)

// scopes are the groups of a checkpoint and their scopes in the store.
var scopes = map[string]string{weightsGroup: checkpoint.Root, "moments1": optim.FirstMoments, "moments2": optim.SecondMoments}

// newStates returns the states of a run in its directory.
func newStates(s *source, dir run.Dir, o Options) *states {
	return &states{stage: s.stage, dir: dir.Checkpoints(), store: s.store, warn: o.Warn, source: s, run: dir}
}

// restore loads the newest good checkpoint into the store and returns its step, or 0.
func (s *states) restore() (int, error) {
	found, warnings, err := checkpoint.Latest(s.dir)
	for _, w := range warnings {
		s.warn(w)
	}
	if err != nil {
		return 0, err
	}
	if found == nil {
		return 0, s.begin()
	}
	var st state
	if err := json.Unmarshal(found.State, &st); err != nil {
		return 0, fmt.Errorf("%s: %s: state: %w", s.stage, found.Path, err)
	}
	if err := s.ofThisRun(found.Path, st.Run); err != nil {
		return 0, err
	}
	s.source.start = s.source.start.Continues(st.Run)
	if err := s.load(found); err != nil {
		return 0, err
	}
	for _, w := range checkpoint.DropAfter(s.dir, found.Step) {
		s.warn(w)
	}
	s.saved, s.best, s.log = found.Step, st.Best, st.Metrics
	return found.Step, s.begin()
}

// ofThisRun returns an error if a checkpoint belongs to a different run: of another stage, other settings that the stage reads,
// another corpus, vocabulary or initial model. Checkpoints of older versions do not say it; the files of the run directory must.
func (s *states) ofThisRun(path string, was *runid.Start) error {
	if was == nil {
		for _, doubt := range s.source.prior.Doubt {
			return fmt.Errorf("%s: %w, and no checkpoint says what the run was started with; restore it, or train again with --force",
				s.stage, doubt)
		}
		return s.source.start.Conflict(path, nil)
	}
	different, err := was.Differs(s.source.start)
	if err != nil {
		return fmt.Errorf("%s: %s: state: %w", s.stage, path, err)
	}
	if len(different) > 0 {
		return fmt.Errorf("%s: %s: belongs to a different run (%s); use another directory or the old settings", s.stage, path,
			runid.Describe(different))
	}
	return s.source.start.Conflict(path, was.Provenance)
}

// begin marks the run directory as not done and enters the run again where its files are lost, or other than they are now in
// settings that change no result.
func (s *states) begin() error {
	p, mends := s.source.prior, s.source.mends
	if !mends {
		for _, doubt := range p.Doubt {
			s.warn(fmt.Sprintf("%v; written again", doubt))
		}
	}
	if !mends && !p.Stale && len(p.Doubt) == 0 {
		return nil
	}
	if err := os.Remove(s.run.Result()); err != nil && !errors.Is(err, os.ErrNotExist) { // it would look done
		return fmt.Errorf("%s: %w", s.stage, err)
	}
	return runid.Enter(s.run, s.source.start, s.source.recipe)
}

// load sets weights and moments from a checkpoint.
func (s *states) load(found *checkpoint.Loaded) error {
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

// save writes a checkpoint of the state after step steps and removes older ones.
func (s *states) save(step int, log string) error {
	groups := map[string][]safetensors.Tensor{}
	for group, scope := range scopes {
		list, err := checkpoint.Tensors(s.store, scope)
		if err != nil {
			return err
		}
		groups[group] = list
	}
	st := state{Best: s.best, Step: step, Run: new(s.source.start.Spent()), Metrics: log}
	if s.best != nil {
		st.Named = map[string]int{bestName: s.best.Step}
	}
	if err := checkpoint.Save(s.dir, step, groups, st); err != nil {
		return err
	}
	s.saved = step
	for _, w := range checkpoint.Prune(s.dir, checkpoints) {
		s.warn(w)
	}
	return nil
}

// thin removes the checkpoints of a finished run but the last one, from which its model can be made again, unless they are to be
// kept. It reports whether it removed any; a manifest then has to be written again.
func (s *states) thin(keep bool, report func(Progress)) bool {
	if keep {
		return false
	}
	before := checkpoint.Size(s.dir)
	for _, w := range checkpoint.Thin(s.dir) {
		s.warn(w)
	}
	freed := before - checkpoint.Size(s.dir)
	if freed > 0 {
		report(Progress{Stage: Freed, Done: int(freed), Total: int(before), Unit: Bytes})
	}
	return freed > 0
}

// saveBest writes the weights of a validated state, the best so far.
func (s *states) saveBest(best scored) error {
	list, err := checkpoint.Tensors(s.store, checkpoint.Root)
	if err != nil {
		return err
	}
	if err := checkpoint.SaveNamed(s.dir, bestName, best.Step, map[string][]safetensors.Tensor{weightsGroup: list}, best); err != nil {
		return err
	}
	s.best = &best
	return nil
}

// loadBest sets the weights from the best state.
func (s *states) loadBest() error {
	found, err := checkpoint.LoadNamed(s.dir, bestName, s.best.Step)
	if err != nil {
		return err
	}
	list, err := found.Group(weightsGroup)
	if err != nil {
		return err
	}
	return checkpoint.Restore(s.store, checkpoint.Root, list)
}
