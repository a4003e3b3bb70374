// SPDX-License-Identifier: Apache-2.0

package step

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/optim"
)

// TestCulprit makes one tensor bad at a time: the error names it, the losses and the batch.
func TestCulprit(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		tensor string
		value  float32
		want   []string
		state  bool // bad before the step
	}{
		{"video_fc.weight", math.MaxFloat32, []string{"loss is not finite (loss NaN", "; the first of ",
			" gradients that are not finite is that of ", "the largest weight is 3.4e+38, in video_fc.weight; the weights are as before this step; batch: 7 8"}, false},
		// Squares of the gradient overflow, and nothing else does.
		{"tag_fc.weight", 3e20, []string{"gradient is not finite (loss ", " whose squares overflow is that of ", ", up to "}, false},
		{"tag_fc.weight", inf, []string{"element 2 of tag_fc.weight, +Inf, is not finite before the step (loss ",
			"lower learning rates; batch: 7 8"}, true},
		{"adamw_v/tag_fc.weight", inf, []string{"element 2 of the second moment of tag_fc.weight, +Inf, is not finite before"}, true},
	} {
		t.Run(c.tensor, func(t *testing.T) {
			f := newFixture(t)
			if err := optim.SetMoments(f.store, "tag_fc.weight", false); err != nil {
				t.Fatal(err)
			}
			devices, err := NewDevices(backendstest.Go(t), 1)
			if err != nil {
				t.Fatal(err)
			}
			s, err := New(PretrainConfig(f.recipe, devices, f.store))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			v := f.store.GetVariable("/" + c.tensor)
			values, err := tensors.CopyFlatData[float32](v.MustValue())
			if err != nil {
				t.Fatal(err)
			}
			values[2] = c.value
			if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
				t.Fatal(err)
			}
			b := Batch{IDs: []string{"7", "8"}, parts: [][]array{nil}}
			for i, in := range (programs{model: f.recipe.Model, objective: f.objective}).batch() {
				in.value = f.arrays[i]
				b.parts[0] = append(b.parts[0], in)
			}
			b = b.At(0, optim.Config{LREncoder: 1e-3, LRHeads: 1e-3, TotalSteps: 5}.Rates(0, 1))
			if err := s.Upload(b); err != nil {
				t.Fatal(err)
			}
			made, err := s.Advance(b)
			if err != nil {
				t.Fatal(err)
			}
			if c.state { // a moment alone does not show in losses and gradients
				made.GradNorm = inf
			}
			if err = s.Check(made, b); err == nil {
				t.Fatalf("%+v", made)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q\nlacks %q", err, want)
				}
			}
			if !errors.Is(err, ErrNotFinite) || errors.Is(err, ErrWeights) != c.state {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestDepth: from the loss back, heads come first, then the layers from the last one, then the embeddings.
func TestDepth(t *testing.T) {
	names := []string{"tag_fc.weight", "bert.encoder.layer.10.output.LayerNorm.bias", "bert.encoder.layer.10.output.dense.bias",
		"bert.encoder.layer.10.attention.output.dense.bias", "bert.encoder.layer.10.attention.self.query.bias",
		"bert.encoder.layer.9.output.LayerNorm.bias", "bert.embeddings.LayerNorm.bias"}
	squares := make([]float32, len(names))
	for i, want := range slices.Backward(names) {
		squares[i] = float32(math.NaN())
		if got := firstBad(names, squares, squares); !strings.HasSuffix(got, " is that of "+want) {
			t.Errorf("%q, want %s", got, want)
		}
	}
	if got := firstBad(names, make([]float32, len(names)), nil); got != "" {
		t.Error(got)
	}
}
