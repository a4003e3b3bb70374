// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/checkpoint/saver"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runid"
)

// states are the checkpoints of a run: those to continue from, and the best validated one. They are saved in the background.
type states struct {
	warn  func(string)
	saver *saver.Saver
	saved int     // step of the newest checkpoint
	log   string  // its Metrics
	why   error   // why there is no newer one; nil: none was asked for
	best  *scored // the best of which the weights are saved; nil: none yet
	next  *scored // a better one, being saved or, where lost is set, not saved
	lost  error   // why next is not saved

	source *source
	run    run.Dir
	report func(Progress)
	free   func(dir string) int64 // Options.Disk
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
	Error    float64 `json:"val_spearman_error,omitempty"` // standard error of Spearman; older versions did not write it
	MSE      float64 `json:"val_mse"`
}

// bestName is the name of the checkpoint of the best state.
const bestName = "best"

// newStates returns the states of a run in its directory.
func newStates(s *source, dir run.Dir, o Options) *states {
	return &states{warn: o.Warn, saver: saver.New(dir.Checkpoints()), source: s, run: dir, report: o.Report, free: o.Disk}
}

// restore loads the newest good checkpoint into the store and returns its step, or 0.
func (s *states) restore() (int, error) {
	found, warnings, err := checkpoint.Latest(s.run.Checkpoints())
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
		return 0, fmt.Errorf("%s: %s: state: %w", s.source.stage, found.Path, err)
	}
	if err := s.ofThisRun(found.Path, st.Run); err != nil {
		return 0, err
	}
	s.source.start = s.source.start.Continues(st.Run)
	if err := saver.Load(s.source.store, found); err != nil {
		return 0, fmt.Errorf("%s: %w", s.source.stage, err)
	}
	for _, w := range checkpoint.DropAfter(s.run.Checkpoints(), found.Step) {
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
				s.source.stage, doubt)
		}
		return s.source.start.Conflict(path, nil)
	}
	different, err := was.Differs(s.source.start)
	if err != nil {
		return fmt.Errorf("%s: %s: state: %w", s.source.stage, path, err)
	}
	if len(different) > 0 {
		return fmt.Errorf("%s: %s: belongs to a different run (%s); use another directory or the old settings", s.source.stage, path,
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
		return fmt.Errorf("%s: %w", s.source.stage, err)
	}
	return runid.Enter(s.run, s.source.start, s.source.recipe)
}

// room checks the disk for the checkpoints to come, and moves the weights from the host's memory to the device.
func (s *states) room(plan memplan.Plan) error {
	warning, err := plan.CheckDisk(string(s.run), checkpoint.Size(s.run.Checkpoints()), saver.Keep, s.free)
	if err != nil {
		return err
	}
	if warning != "" {
		s.warn(warning)
	}
	return s.source.devices.Hold(s.source.store)
}

// save begins to save the state after step steps. The lines of the log are on disk before the checkpoint has its name. A failure is
// a warning: the last good checkpoint stays, and training goes on.
func (s *states) save(step int, log *run.Metrics) {
	s.settle(s.saver.Wait())
	if s.lost != nil { // a run that continued from this step would not find the best state
		s.failed(fmt.Errorf("checkpoint: step %d: not saved, because the best state so far is not (%w)", step, s.lost))
		return
	}
	st := state{Best: s.best, Step: step, Run: new(s.source.start.Spent()), Metrics: log.Sum()}
	if s.best != nil {
		st.Named = map[string]int{bestName: s.best.Step}
	}
	s.saver.Start(s.source.store, saver.Save{Step: step, State: st, Before: log.Sync})
}

// saveBest begins to save the weights of a validated state, the best so far.
func (s *states) saveBest(best scored) {
	s.settle(s.saver.Wait())
	s.next, s.lost = &best, nil
	s.saver.Start(s.source.store, saver.Save{Name: bestName, Step: best.Step, State: best})
}

// settle takes note of saves that have ended.
func (s *states) settle(ended []saver.Outcome) {
	for _, o := range ended {
		for _, w := range o.Warnings {
			s.warn(w)
		}
		switch {
		case o.Name == bestName && o.Err == nil:
			s.best, s.next = s.next, nil
		case o.Name == bestName:
			s.lost = o.Err
			s.warn(fmt.Sprintf("%v; no checkpoint is saved until there is a better state", o.Err))
		case o.Err == nil:
			s.saved, s.why = o.Step, nil
		default:
			s.failed(o.Err)
		}
	}
}

// failed takes note of a checkpoint that could not be saved.
func (s *states) failed(err error) {
	s.why = err
	s.warn(fmt.Sprintf("%v; until the next one is, the run can continue from step %d", err, s.saved))
}

// secure returns once the state after step steps is on disk, and saves it now, perhaps once more, where it is not.
func (s *states) secure(step int, log *run.Metrics) error {
	if s.settle(s.saver.Wait()); s.saved >= step {
		return nil
	}
	s.save(step, log)
	s.settle(s.saver.Wait())
	return s.why
}

// top is the best validated state so far, saved or not; nil: none yet.
func (s *states) top() *scored {
	if s.settle(s.saver.Wait()); s.next != nil {
		return s.next
	}
	return s.best
}

// thin removes the checkpoints of a finished run but the last one, from which its model can be made again, unless they are to be
// kept. It reports whether it removed any; a manifest then has to be written again.
func (s *states) thin() bool {
	if s.source.keepsAll() {
		return false
	}
	before := checkpoint.Size(s.run.Checkpoints())
	for _, w := range checkpoint.Thin(s.run.Checkpoints()) {
		s.warn(w)
	}
	freed := before - checkpoint.Size(s.run.Checkpoints())
	if freed > 0 {
		s.report(Progress{Stage: Freed, Done: int(freed), Total: int(before), Unit: Bytes})
	}
	return freed > 0
}

// loadBest sets the weights from the best state.
func (s *states) loadBest() error {
	found, err := checkpoint.LoadNamed(s.run.Checkpoints(), bestName, s.best.Step)
	if err != nil {
		return err
	}
	return saver.LoadWeights(s.source.store, found)
}
