// SPDX-License-Identifier: Apache-2.0

package neighbours

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

// block is the elements from one index up to another.
type block struct{ from, to int }

// blocks divides n elements into blocks of a size; the last one may be smaller.
func blocks(n, size int) []block {
	var list []block
	for from := 0; from < n; from += size {
		list = append(list, block{from, min(n, from+size)})
	}
	return list
}

// each does work for every block, several at a time, each with a scratch of its own, and passes on what they return in the order of
// the blocks. It is ahead of its caller by no more blocks than there are workers. It ends with the first error.
func each[S, T any](ctx context.Context, list []block, scratch func() S,
	work func(ctx context.Context, s S, b block) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		var workers sync.WaitGroup
		defer workers.Wait()
		defer stop()
		type result struct {
			found []T
			err   error
		}
		results := make([]chan result, len(list))
		begin := func(i int, s S) {
			results[i] = make(chan result, 1)
			workers.Go(func() {
				found, err := work(ctx, s, list[i])
				results[i] <- result{found, err}
			})
		}
		var free []S
		for i := range min(len(list), runtime.GOMAXPROCS(0)) {
			free = append(free, scratch())
			begin(i, free[i])
		}
		for i := range list {
			r := <-results[i]
			results[i] = nil
			if next := i + len(free); r.err == nil && next < len(list) {
				begin(next, free[i%len(free)])
			}
			for _, v := range r.found {
				if r.err == nil && !yield(v, nil) {
					return
				}
			}
			if r.err != nil {
				yield(*new(T), r.err)
				return
			}
		}
	}
}
