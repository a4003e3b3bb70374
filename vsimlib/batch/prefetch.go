// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
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

// Ahead is how many batches training builds ahead of the device, all of them at the same time.
const Ahead = 4

// Prefetch yields build(from) … build(to-1) in this order. They are built in the background, at most depth (at least one) ahead
// of the one in use, all of those at the same time: build must be safe for concurrent use. It ends with the first error in this
// order, which comes after all results before it, and with ctx's error as soon as that is done. When the loop over it ends,
// in any way, the work in the background has ended too; that may take the time of one build.
func Prefetch[T any](ctx context.Context, from, to, depth int, build func(step int) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		background, cancel := context.WithCancel(ctx)
		line := make(chan chan result[T], max(depth, 1)-1) // in the order of the steps
		var work sync.WaitGroup
		work.Go(func() { start(background, from, to, line, build) })
		defer work.Wait()
		defer cancel()
		for range max(0, to-from) {
			r := next(ctx, line)
			if !yield(r.value, r.err) || r.err != nil {
				return
			}
		}
	}
}

type result[T any] struct {
	value T
	err   error
}

// start starts one build after the other, each as soon as line has room for the one before it. It returns when ctx is done or
// no build is left to start, and all builds have ended.
func start[T any](ctx context.Context, from, to int, line chan<- chan result[T], build func(step int) (T, error)) {
	var builds sync.WaitGroup
	defer builds.Wait()
	var failed atomic.Bool
	for step := from; step < to && !failed.Load() && ctx.Err() == nil; step++ {
		made := make(chan result[T], 1)
		builds.Go(func() {
			value, err := caught(build, step)
			if err != nil {
				failed.Store(true) // no result after an error is used
			}
			made <- result[T]{value, err}
		})
		select {
		case line <- made:
		case <-ctx.Done():
		}
	}
}

// next waits for the next result in line or the end of ctx, which takes precedence.
func next[T any](ctx context.Context, line <-chan chan result[T]) (r result[T]) {
	select {
	case made := <-line:
		select {
		case r = <-made:
		case <-ctx.Done():
		}
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		r = result[T]{err: err}
	}
	return r
}
