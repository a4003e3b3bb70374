// SPDX-License-Identifier: Apache-2.0

// Package lookahead gives training its batches, and compiles the programs that they need before training reaches them.
//
// A batch with more packed rows, masked tokens or masked frames than most has longer arrays, and XLA compiles a program for each
// length. Which batches those are depends on recipe and corpus alone, so batches are also built ahead of training, for the lengths
// of their arrays. That costs what a batch costs, about a hundredth of training on it on a CPU.
package lookahead

import (
	"context"
	"iter"
	"sync"

	"vsim/vsimlib/batch"
)

// Videos is how many videos the look ahead reaches: a second or two of building batches at the competition's sizes.
const Videos = 16384

// Step is what Batches needs of a step.Step.
type Step[B any] interface {
	// Compile compiles the programs that a batch on the host needs, unless they are.
	Compile(b B) error
	// CompilesAtOnce is how many programs may be compiled at the same time.
	CompilesAtOnce() int
	// Upload moves a batch to the devices.
	Upload(b B) error
}

// Batch is what Batches needs of a step.Batch.
type Batch interface {
	// Size is the number of its videos.
	Size() int
	// Shape is the same for batches that need the same programs.
	Shape() string
	// Free releases its memory.
	Free() error
}

// Batches yields build(from) … build(to-1), uploaded, as batch.Prefetch does. Before the first one the programs of the batches up
// to Videos ahead are compiled, CompilesAtOnce at a time. Later ones are compiled in the background as soon as the
// look ahead meets their batches. build must be safe for concurrent use.
func Batches[B Batch](ctx context.Context, s Step[B], from, to int, build func(n int) (B, error)) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		background, cancel := context.WithCancel(ctx)
		l := &look[B]{step: s, build: build, ready: make(chan struct{}), passed: make(chan struct{}, 1),
			atOnce: make(chan struct{}, s.CompilesAtOnce())}
		var work sync.WaitGroup
		work.Go(func() { l.run(background, from, to) })
		defer work.Wait()
		defer cancel()
		prepare := func(n int) (B, error) {
			b, err := build(n)
			if err != nil {
				return b, err
			}
			return b, s.Upload(b)
		}
		select {
		case <-l.ready:
		case <-ctx.Done(): // Prefetch yields the error
		}
		for b, err := range batch.Prefetch(ctx, from, to, batch.Ahead, prepare) {
			if !yield(b, err) || err != nil {
				return
			}
			l.pass()
		}
	}
}

// look is a look ahead of training.
type look[B Batch] struct {
	step   Step[B]
	build  func(n int) (B, error)
	atOnce chan struct{} // has an element for each program that is being compiled
	work   sync.WaitGroup
	ready  chan struct{} // closed when the programs of the first batches are compiled

	passed chan struct{} // wakes the look up
	mu     sync.Mutex
	done   int // steps that training has made
}

// pass counts a step of training.
func (l *look[B]) pass() {
	l.mu.Lock()
	l.done++
	l.mu.Unlock()
	select {
	case l.passed <- struct{}{}:
	default: // it will wake up anyway
	}
}

// run looks at the batches from..to, at most Videos ahead of training, and compiles. It ends early at a batch that cannot be built,
// or a program that cannot be compiled: training meets the same error there. All work has ended when it returns.
func (l *look[B]) run(ctx context.Context, from, to int) {
	opened := sync.OnceFunc(func() {
		l.work.Wait()
		close(l.ready)
	})
	defer l.work.Wait()
	defer opened()
	n, seen := 0, map[string]bool{}
	for b, err := range batch.Prefetch(ctx, from, to, 1, l.build) {
		if err != nil {
			return
		}
		if shape := b.Shape(); !seen[shape] {
			seen[shape] = true
			l.compile(b)
		} else if err := b.Free(); err != nil {
			return
		}
		n++
		for most := max(batch.Ahead, Videos/max(1, b.Size())); l.ahead(n) >= most; {
			opened()
			select {
			case <-l.passed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// ahead is how many steps n batches are ahead of training.
func (l *look[B]) ahead(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return n - l.done
}

// compile compiles the programs of a batch in the background and releases its memory.
func (l *look[B]) compile(b B) {
	l.atOnce <- struct{}{}
	l.work.Go(func() {
		_ = l.step.Compile(b) // of an error training hears when it needs the program
		_ = b.Free()
		<-l.atOnce
	})
}
