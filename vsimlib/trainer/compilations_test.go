// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/gomlx/compute"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/compilecache"
	"vsim/vsimlib/recipe"
)

// counting is a backend that counts what it compiles.
type counting struct {
	compute.Backend
	programs *atomic.Int32
}

func (c counting) Builder(name string) compute.Builder {
	return countingBuilder{c.Backend.Builder(name), c.programs}
}

type countingBuilder struct {
	compute.Builder
	programs *atomic.Int32
}

func (b countingBuilder) Compile() (compute.Executable, error) {
	b.programs.Add(1)
	return b.Builder.Compile()
}

// TestCompilations: a pretraining of two programs, since four of its batches have more packed rows than the others (the first is
// that of step 18), has compiled both before its first step, and otherwise only validates at its end.
func TestCompilations(t *testing.T) {
	r, err := recipe.Load("tiny")
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"model.hidden_size=8", "model.intermediate_size=8", "model.embedding_dim=8", "pretrain.seed=3",
		"pretrain.checkpoint_every=0", "pretrain.weight_mlm=0"} { // without words it is quick
		if err := r.Set(set); err != nil {
			t.Fatal(err)
		}
	}
	var programs atomic.Int32
	var counts []int32 // after each step
	o := Options{Backend: compilecache.New(counting{backendstest.Go(t), &programs}), Recipe: r,
		Corpus: filepath.Join("..", "..", "data", "emoji"), Out: filepath.Join(t.TempDir(), "run"),
		Report: func(p Progress) {
			if p.Stage == Pretraining {
				counts = append(counts, programs.Load())
			}
		}}
	if _, err := Pretrain(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	want := slices.Repeat([]int32{2}, 71)
	if !slices.Equal(counts, want) {
		t.Errorf("programs after each step: %d, want %d", counts, want)
	}
	if n := programs.Load(); n != 3 {
		t.Errorf("%d programs, want one more, that of validation", n)
	}
}
