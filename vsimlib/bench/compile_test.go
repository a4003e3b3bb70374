// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/step"
)

var errFull = errors.New("the device is full")

// full is a backend without any memory on its device.
type full struct{ compute.Backend }

func (f full) Unwrap() compute.Backend { return f.Backend }

func (full) BufferFromFlatData(compute.DeviceNum, any, shapes.Shape) (compute.Buffer, error) {
	return nil, errFull
}

func (full) NewSharedBuffer(compute.DeviceNum, shapes.Shape) (compute.Buffer, any, error) {
	return nil, nil, errFull
}

// TestCompileOnly: Compile compiles for the shapes of all steps of Run, describes them as Run does, and leaves weights and batches
// on the host.
func TestCompileOnly(t *testing.T) {
	backend := backendstest.Go(t)
	o := Options{Backend: full{backend}, Device: backends.Info{Backend: backends.Go, Kind: backends.Go},
		Recipe: oddRecipe(t, "model.keep_padding=false model.max_frames=32 model.max_text=36 model.max_position_embeddings=36 "+
			"pretrain.batch=16"),
		Steps: 4, Lengths: Competition, skipPeak: true}
	c, err := Compile(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), o); !errors.Is(err, errFull) {
		t.Errorf("%v, want %v", err, errFull)
	}
	o.Backend = backend
	m, err := newMeasurement(o)
	if err != nil {
		t.Fatal(err)
	}
	batches, err := m.shapes()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for n := range 2 + o.Steps {
		seen[shapeAt(t, m, n)] = true
	}
	if len(seen) < 2 || len(batches) != len(seen) || c.Programs != len(seen) {
		t.Errorf("%d programs for %d batches of %d shapes", c.Programs, len(batches), len(seen))
	}
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if c.CompileS <= 0 || c.Shape != r.Shape || c.Batch != r.Batch || c.Device != r.Device || c.Backend != r.Backend ||
		c.MemoryEstimate != r.MemoryEstimate || c.Lengths != r.Lengths || c.Devices != r.Devices {
		t.Errorf("%+v, and timed %+v", c, r)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := Compile(ended, o); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want what ended it", err)
	}
	o.Recipe.Model.VocabSize = 5
	if _, err := Compile(t.Context(), o); err == nil || !strings.Contains(err.Error(), "model.vocab_size 5 leaves no words") {
		t.Errorf("%v", err)
	}
}

// shapeAt is the shape of the batch of step n.
func shapeAt(t *testing.T, m *measurement, n int) string {
	t.Helper()
	parts, err := m.source.parts(n)
	if err != nil {
		t.Fatal(err)
	}
	b, err := step.NewPretrainBatch(m.Recipe.Pretrain, parts)
	if err != nil {
		t.Fatal(err)
	}
	return b.Shape()
}

// TestOneShape: the batches that docker/gpu-check times at the competition's lengths, five after two, have one shape, so that none
// of them compiles a program for minutes. The eighth has another.
func TestOneShape(t *testing.T) {
	r, _ := recipe.Preset("paper")
	for _, set := range []string{"model.pooling=masked_mean", "pretrain.batch=128"} {
		if err := r.Set(set); err != nil {
			t.Fatal(err)
		}
	}
	for steps, want := range map[int]int{5: 1, 6: 2} {
		m, err := newMeasurement(Options{Recipe: r, Steps: steps, Lengths: Competition})
		if err != nil {
			t.Fatal(err)
		}
		batches, err := m.shapes()
		if err != nil {
			t.Fatal(err)
		}
		if len(batches) != want {
			t.Errorf("%d steps: %d shapes, want %d", steps, len(batches), want)
		}
	}
}
