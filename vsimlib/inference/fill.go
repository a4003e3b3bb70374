// SPDX-License-Identifier: Apache-2.0

package inference

import (
	"context"
	"fmt"
	"sync"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/multimodal"
)

// atOnce is how many batches are in work: while one waits for its arrays, or computes a part of a program that has one thread, the
// other one uses the rest of the machine.
const atOnce = 2

// fill embeds the records. It calls done, one call at a time, with how many are finished. It ends
// with the first error, and when ctx does.
func (r *rows) fill(ctx context.Context, e *multimodal.RowEmbedder, set *corpus.Set, size int, done func(int)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan group)
	var work sync.WaitGroup
	work.Go(func() {
		defer close(queue)
		for g, err := range groups(set, r.records, size, e.Length) {
			if err != nil {
				cancel(err)
				return
			}
			select {
			case queue <- g:
			case <-ctx.Done():
				return
			}
		}
	})
	var mu sync.Mutex
	finished := 0
	for range atOnce {
		work.Go(func() {
			for g := range queue {
				values, err := caught(e, g)
				if err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				r.put(g.records, values)
				finished += len(g.records)
				done(finished)
				mu.Unlock()
			}
		})
	}
	work.Wait()
	return context.Cause(ctx)
}

// caught embeds a group; a panic in the background would end the process, so it becomes an error.
func caught(e *multimodal.RowEmbedder, g group) (values []float32, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("embed: internal error: %v", r)
		}
	}()
	return e.Embed(g.videos, g.length)
}
