// SPDX-License-Identifier: Apache-2.0

package lookahead

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// rows is a batch of this many videos whose arrays have this length.
type rows struct{ length, videos int }

func (b rows) Size() int     { return b.videos }
func (b rows) Shape() string { return strconv.Itoa(b.length) }
func (b rows) Free() error   { return nil }

// recorder is a step that notes what is compiled.
type recorder struct {
	mu       sync.Mutex
	shapes   []string
	err      error
	compiled chan struct{} // has an element for each program
}

func (r *recorder) Compile(b rows) error {
	r.mu.Lock()
	r.shapes = append(r.shapes, b.Shape())
	r.mu.Unlock()
	r.compiled <- struct{}{}
	return r.err
}

func (r *recorder) CompilesAtOnce() int { return 1 }
func (r *recorder) Upload(b rows) error { return nil }

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.shapes)
}

// sizes builds batches whose arrays have these lengths; one below 0 cannot be built.
func sizes(list []int, videos int) func(n int) (rows, error) {
	return func(n int) (rows, error) {
		if list[n] < 0 {
			return rows{}, errBuild
		}
		return rows{list[n], videos}, nil
	}
}

var errBuild = errors.New("a batch that cannot be built")

// TestBatches: all batches come in order, each shape is compiled once, and those within reach before the first batch.
func TestBatches(t *testing.T) {
	list := slices.Repeat([]int{8, 8, 16, 8}, 3)
	list = append(list, 24, 24) // beyond reach
	r := &recorder{compiled: make(chan struct{}, 9)}
	n := 0
	for b, err := range Batches(t.Context(), r, 0, len(list), sizes(list, Videos/8)) {
		if err != nil {
			t.Fatal(err)
		}
		if b.length != list[n] {
			t.Errorf("batch %d has the length %d, want %d", n, b.length, list[n])
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
		var b rows
		for b, err = range Batches(ctx, r, 0, len(list), sizes(list, 2)) {
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
