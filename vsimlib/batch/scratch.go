// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"sync"

	"vsim/vsimlib/corpus"
)

// Scratch is reusable memory for the videos of batches that are being built; the batches themselves have copies.
type Scratch struct {
	mu   sync.Mutex
	free [][]corpus.Video // no more than were in use at the same time
}

// Take returns n videos to read into.
func (s *Scratch) Take(n int) []corpus.Video {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.free) - 1
	if last < 0 || len(s.free[last]) < n {
		return make([]corpus.Video, n)
	}
	videos := s.free[last]
	s.free = s.free[:last]
	return videos[:n]
}

// GiveBack makes videos available to take again.
func (s *Scratch) GiveBack(videos []corpus.Video) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, videos[:cap(videos)])
}
