// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"sync"

	"vsim/vsimlib/corpus"
)

// scratch is reusable memory for the videos of batches that are being built; the batches themselves have copies.
type scratch struct {
	mu   sync.Mutex
	free [][]corpus.Video // no more than were in use at the same time
}

// take returns n videos to read into.
func (s *scratch) take(n int) []corpus.Video {
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

// giveBack makes videos available to take again.
func (s *scratch) giveBack(videos []corpus.Video) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, videos[:cap(videos)])
}
