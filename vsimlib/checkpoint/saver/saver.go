// SPDX-License-Identifier: Apache-2.0

// Package saver saves the state of a training run, weights, moments and averages, while the run goes on: Start copies the state,
// and a goroutine does the rest. One save is in flight at a time; the next one waits for it.
//
// The copy goes into the checkpoint's files, not into memory of the process: the system writes it to the disk later. On a CPU the
// tensors are written from where XLA has them; elsewhere through a buffer of the size of the largest one.
package saver

import (
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/optim"
)

// Groups of a checkpoint: weights, and where the run has them their averages.
const (
	weights  = "weights"
	averages = "averages"
)

// scopes are the groups of a checkpoint to continue from and their scopes in the store.
var scopes = map[string]string{weights: checkpoint.Root, "moments1": optim.FirstMoments, "moments2": optim.SecondMoments,
	averages: optim.Averages}

// Keep is how many checkpoints a run keeps: the newest, and one to fall back on.
const Keep = 2

// Save is what to save.
type Save struct {
	Name   string       // of a checkpoint of the weights alone; "": one to continue from, which removes older ones
	Step   int          // the steps finished
	State  any          // the caller's own; it is encoded at once
	Before func() error // called in the background before the checkpoint gets its name; nil: nothing
}

// Outcome is how a save has ended.
type Outcome struct {
	Save
	Err      error    // why there is no such checkpoint
	Warnings []string // of the removal of older ones
}

// Saver saves into one directory. It is for one goroutine.
type Saver struct {
	dir      string
	verified checkpoint.Verified // used by the save in flight while there is one
	flight   chan Outcome        // nil: no save is in flight
	ended    []Outcome           // not yet returned
	reserve  *checkpoint.Reserve // for the next save; nil: none
	bare     bool                // a reserve is not worth its while here, or cannot be had
	least    int64               // size in bytes of a state from which on a reserve shortens a save by more than it costs
}

// New returns a Saver for a directory of checkpoints.
func New(dir string) *Saver { return &Saver{dir: dir, least: 64 << 20} }

// Start saves the state of the store, which may change once Start has returned. It first waits for the save before.
func (s *Saver) Start(store *model.Store, save Save) {
	s.await()
	part, err := s.begin(store, save)
	if err != nil {
		s.ended = append(s.ended, Outcome{Save: save, Err: err})
		return
	}
	flight := make(chan Outcome, 1)
	s.flight = flight
	go func() { flight <- s.finish(part, save) }()
}

// begin copies the state.
func (s *Saver) begin(store *model.Store, save Save) (*checkpoint.Part, error) {
	groups, err := groupsOf(store, save.Name)
	if err != nil {
		return nil, err
	}
	var reserve *checkpoint.Reserve
	if save.Name == "" {
		reserve, s.reserve = s.reserve, nil
	}
	return checkpoint.Begin(s.dir, save.Name, save.Step, groups, save.State, reserve)
}

// groupsOf are the groups of a checkpoint of this name.
func groupsOf(store *model.Store, name string) (map[string]checkpoint.Group, error) {
	groups, buffer := map[string]checkpoint.Group{}, new([]float32)
	for group, scope := range scopes {
		if name != "" && group != weights {
			continue
		}
		g, err := checkpoint.Variables(store, scope, buffer)
		if err != nil {
			return nil, err
		}
		if group != averages || len(g.Specs) > 0 {
			groups[group] = g
		}
	}
	return groups, nil
}

// finish completes a checkpoint and removes those that it replaces. They are verified by their checksums of before, not read again.
func (s *Saver) finish(part *checkpoint.Part, save Save) Outcome {
	defer part.Abort()
	if save.Before != nil {
		if err := save.Before(); err != nil {
			return Outcome{Save: save, Err: err}
		}
	}
	if err := part.Finish(&s.verified); err != nil {
		return Outcome{Save: save, Err: err}
	}
	if save.Name != "" {
		return Outcome{Save: save}
	}
	return Outcome{Save: save, Warnings: s.verified.Prune(s.dir, Keep)}
}

// await waits for the save in flight.
func (s *Saver) await() {
	if s.flight != nil {
		s.ended = append(s.ended, <-s.flight)
		s.flight = nil
	}
}

// Wait waits for the save in flight and returns the outcomes that were not returned before, in the order of Start.
func (s *Saver) Wait() []Outcome {
	s.await()
	return s.take()
}

// Ended is Wait without waiting.
func (s *Saver) Ended() []Outcome {
	if len(s.flight) > 0 {
		s.await()
	}
	return s.take()
}

func (s *Saver) take() []Outcome {
	ended := s.ended
	s.ended = nil
	return ended
}
