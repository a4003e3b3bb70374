// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"context"
	"fmt"
	"iter"
)

// caught runs build; a panic in the background would end the process, so it becomes an error.
func caught[T any](build func(step int) (T, error), step int) (value T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("batch: step %d: internal error: %v", step, r)
		}
	}()
	return build(step)
}

// Prefetch yields build(from) … build(to-1) in this order. They are built in the background, at most depth (at least one) ahead
// of the one in use. It ends with the first error, which comes after all results before it, and with ctx's error as soon as
// that is done. When the loop over it ends, however it does, so has the work in the background; that may take one build.
func Prefetch[T any](ctx context.Context, from, to, depth int, build func(step int) (T, error)) iter.Seq2[T, error] {
	type result struct {
		value T
		err   error
	}
	return func(yield func(T, error) bool) {
		background, cancel := context.WithCancel(ctx)
		// One more than fit into the channel is built and waits to be taken.
		results := make(chan result, max(depth, 1)-1)
		go func() {
			defer close(results)
			for step := from; step < to && background.Err() == nil; step++ {
				value, err := caught(build, step)
				select {
				case results <- result{value, err}:
				case <-background.Done():
					return
				}
				if err != nil {
					return
				}
			}
		}()
		defer func() {
			cancel()
			for range results { // until the goroutine closes it
			}
		}()
		for range max(0, to-from) {
			var r result
			select {
			case r = <-results:
			case <-ctx.Done():
			}
			if err := ctx.Err(); err != nil { // both may have been ready
				r = result{err: err}
			}
			if !yield(r.value, r.err) || r.err != nil {
				return
			}
		}
	}
}
