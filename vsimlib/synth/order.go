// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"bytes"
	"context"
	"runtime"
	"sync"
)

// inOrder makes n chunks on as many goroutines as there are processors and hands them to use in their order. begin gives each
// goroutine its own make, which appends chunk i to an empty buffer. It stops at the first error, or when ctx ends; at most two
// chunks a goroutine are in memory.
func inOrder(ctx context.Context, n int, begin func() (make func(i int, out *bytes.Buffer) error),
	use func(i int, data []byte) error) error {
	type made struct {
		data []byte
		err  error
	}
	workers := min(runtime.GOMAXPROCS(0), n)
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	queues := make([]chan made, workers)
	for k := range queues {
		queues[k] = make(chan made)
		wg.Go(func() {
			work := begin()
			// Two buffers are enough: the second is taken over only once use is through with the first.
			var buffers [2]bytes.Buffer
			for i, turn := k, 0; i < n; i, turn = i+workers, 1-turn {
				out := &buffers[turn]
				out.Reset()
				err := work(i, out)
				select {
				case queues[k] <- made{out.Bytes(), err}:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	for i := range n {
		var m made
		select {
		case m = <-queues[i%workers]:
		case <-ctx.Done():
			return ctx.Err()
		}
		if m.err == nil {
			m.err = ctx.Err()
		}
		if m.err == nil {
			m.err = use(i, m.data)
		}
		if m.err != nil {
			return m.err
		}
	}
	return nil
}
