// SPDX-License-Identifier: Apache-2.0

package saver

import (
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/checkpoint"
)

// Prepare makes a reserve for the next save of the store to continue from (checkpoint.Reserve) and warms it in the background. It
// does nothing where one exists or a save is in flight, nor for a state that is small or above half of the memory available. Call
// it once the store has moments; a step may be running.
func (s *Saver) Prepare(store *model.Store) {
	if s.bare || s.reserve != nil || s.flight != nil {
		return
	}
	groups, err := groupsOf(store, "")
	var size int64
	for _, g := range groups {
		size += g.Size()
	}
	available, _ := backends.AvailableMemory(backends.Go)
	if s.bare = err != nil || size < s.least || size > available/2; s.bare {
		return
	}
	if s.reserve, err = checkpoint.NewReserve(s.dir, groups); err != nil {
		s.bare = true
		return
	}
	go s.reserve.Warm()
}

// Close waits for the save in flight and removes what Prepare made.
func (s *Saver) Close() {
	s.await()
	if s.reserve != nil {
		s.reserve.Remove()
		s.reserve = nil
	}
}
