// SPDX-License-Identifier: Apache-2.0

package inference

import (
	"iter"

	"vsim/vsimlib/corpus"
)

// group is videos of one row length.
type group struct {
	length  int
	records []int // their indices
	videos  []corpus.Video
}

// waitingBatches bounds the videos in memory that wait for others of their length, in batches.
const waitingBatches = 8

// groups reads the records of set with these indices, in this order, and yields them in groups of size videos with the same length.
// Smaller ones are the last of each length, and the longest queue when too many videos wait.
func groups(set *corpus.Set, records []int, size int, length func(*corpus.Video) int) iter.Seq2[group, error] {
	return func(yield func(group, error) bool) {
		var queues []group // one for each length, in the order in which the lengths appeared
		waiting := 0
		flush := func(i int) bool {
			g := queues[i]
			queues[i], waiting = group{length: g.length}, waiting-len(g.records)
			return yield(g, nil)
		}
		for _, record := range records {
			v, err := set.Video(record)
			if err != nil {
				yield(group{}, err)
				return
			}
			i := enqueue(&queues, length(&v), record, v)
			waiting++
			if len(queues[i].records) == size && !flush(i) {
				return
			}
			if waiting == waitingBatches*size && !flush(longest(queues)) {
				return
			}
		}
		for i := range queues {
			if len(queues[i].records) > 0 && !flush(i) {
				return
			}
		}
	}
}

// enqueue adds a record to the queue of its length and returns the index of the queue.
func enqueue(queues *[]group, length, record int, v corpus.Video) int {
	i := 0
	for i < len(*queues) && (*queues)[i].length != length {
		i++
	}
	if i == len(*queues) {
		*queues = append(*queues, group{length: length})
	}
	q := &(*queues)[i]
	q.records, q.videos = append(q.records, record), append(q.videos, v)
	return i
}

// longest is the index of the queue with the most videos.
func longest(queues []group) int {
	best := 0
	for i, q := range queues {
		if len(q.records) > len(queues[best].records) {
			best = i
		}
	}
	return best
}
