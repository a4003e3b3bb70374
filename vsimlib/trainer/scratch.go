// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"sync"

	"vsim/vsimlib/corpus"
)

// scratch is the memory that the videos of batches lie in while they are built; the batches themselves hold copies.
type scratch struct {
	mu   sync.Mutex
	free [][]corpus.Video // no more than were taken at the same time
}

// take gives n videos to read into.
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

func (s *scratch) put(videos []corpus.Video) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, videos[:cap(videos)])
}
