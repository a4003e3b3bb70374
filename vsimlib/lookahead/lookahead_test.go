// SPDX-License-Identifier: Apache-2.0

package lookahead

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/step"
)

// recorder is a step that notes what is compiled.
type recorder struct {
	mu       sync.Mutex
	shapes   []string
	err      error
	compiled chan struct{} // has an element for each program
}

func (r *recorder) Compile(b step.Batch) error {
	r.mu.Lock()
	r.shapes = append(r.shapes, b.Shape())
	r.mu.Unlock()
	r.compiled <- struct{}{}
	return r.err
}

func (r *recorder) CompilesAtOnce() int       { return 1 }
func (r *recorder) Upload(b step.Batch) error { return nil }

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.shapes)
}

// batchOf is a batch of pairs whose arrays have n rows.
func batchOf(n int, pairs int) step.Batch {
	array := func() *tensors.Tensor { return tensors.FromFlatDataAndDimensions(make([]int32, n), n) }
	p := &batch.Pairs{IDs: make([][2]int64, pairs)}
	p.TextIDs, p.TextMask, p.Frames, p.FrameMask, p.Target = array(), array(), array(), array(), array()
	return step.NewPairBatch([]*batch.Pairs{p})
}

// sizes builds batches whose arrays have these lengths.
func sizes(list []int, pairs int) func(n int) (step.Batch, error) {
	return func(n int) (step.Batch, error) {
		if list[n] < 0 {
			return step.Batch{}, errBuild
		}
		return batchOf(list[n], pairs), nil
	}
}

var errBuild = errors.New("a batch that cannot be built")

// TestBatches: all batches come in order, each shape is compiled once, and those within reach before the first batch.
func TestBatches(t *testing.T) {
	list := slices.Repeat([]int{8, 8, 16, 8}, 3)
	list = append(list, 24, 24) // beyond reach
	r := &recorder{compiled: make(chan struct{}, 9)}
	n := 0
	for b, err := range Batches(t.Context(), r, 0, len(list), sizes(list, Videos/2/8)) {
		if err != nil {
			t.Fatal(err)
		}
		if want := batchOf(list[n], 1).Shape(); b.Shape() != want {
			t.Errorf("batch %d is %s, want %s", n, b.Shape(), want)
		}
		if n == 0 && r.count() != 2 {
			t.Errorf("%d programs before the first batch, want 2", r.count())
		}
		if n++; n == 6 { // the last two come into reach with the sixth
			for range 3 {
				<-r.compiled
			}
		}
	}
	if n != len(list) || r.count() != 3 {
		t.Errorf("%d batches, want %d; %d programs, want 3", n, len(list), r.count())
	}
}

// TestErrors: a batch that cannot be built ends training at that batch and not before; so does the end of the context; a program
// that cannot be compiled is for training to report.
func TestErrors(t *testing.T) {
	run := func(ctx context.Context, r *recorder, list ...int) (n int, err error) {
		var b step.Batch
		for b, err = range Batches(ctx, r, 0, len(list), sizes(list, 1)) {
			if err != nil {
				return n, err
			}
			_ = b
			n++
		}
		return n, ctx.Err()
	}
	if n, err := run(t.Context(), &recorder{compiled: make(chan struct{}, 9)}, 8, 8, -1, 8); n != 2 || !errors.Is(err, errBuild) {
		t.Errorf("%d batches and %v", n, err)
	}
	if n, err := run(t.Context(), &recorder{err: errBuild, compiled: make(chan struct{}, 9)}, 8, 16); n != 2 || err != nil {
		t.Errorf("%d batches and %v", n, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := run(ended, &recorder{compiled: make(chan struct{}, 9)}, 8, 16); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d batches and %v", n, err)
	}
}
