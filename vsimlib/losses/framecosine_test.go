// SPDX-License-Identifier: Apache-2.0

package losses

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/filetest"
)

// frameCase is a case of testdata/frames.json, which make_frames.py in the same folder makes with torch.
type frameCase struct {
	Temperature       float64
	Predictions, Keys [][]float32
	Real, Positions   []int32
	Weights           []float32
	Value             float64
	Gradient          []float64 // with respect to the predictions
}

func frameCosine(temperature float64) lossFn {
	return func(x []*Node) *Node { return FrameCosineNCE(x[0], x[1], x[2], x[3], x[4], temperature) }
}

// TestE15FrameCosineNCE has cases with fillers, padding and a frame of zeros.
func TestE15FrameCosineNCE(t *testing.T) {
	for _, c := range filetest.Cases[frameCase](t, "testdata/frames.json", 5) {
		t.Run(fmt.Sprint(len(c.Predictions), c.Temperature), func(t *testing.T) {
			stored := otherCase{Value: c.Value, Gradient: c.Gradient}
			stored.check(t, frameCosine(c.Temperature), c.Predictions, c.Keys, c.Real, c.Positions, c.Weights)
		})
	}
}

// TestFrameCosineNCEGradient compares the gradient with central differences, and with none where nothing is masked.
func TestFrameCosineNCEGradient(t *testing.T) {
	c := filetest.Cases[frameCase](t, "testdata/frames.json", 5)[3]
	check(t, c.Value, frameCosine(c.Temperature), c.Predictions, c.Keys, c.Real, c.Positions, c.Weights)
	none := make([]float32, len(c.Weights))
	value, gradient := valueAndGradient(t, frameCosine(0.1), c.Predictions, c.Keys, c.Real, c.Positions, none)
	if value != 0 {
		t.Errorf("nothing masked: loss %g, want 0", value)
	}
	zeros(t, "nothing masked", gradient)
}

// TestFrameCosineNCEScale: frames that are scaled, each by its own factor, have the same loss; with plain dot products they do not.
func TestFrameCosineNCEScale(t *testing.T) {
	c := filetest.Cases[frameCase](t, "testdata/frames.json", 5)[2]
	scaled := make([][]float32, len(c.Keys))
	for i, row := range c.Keys {
		for _, x := range row {
			scaled[i] = append(scaled[i], x*float32(i+1))
		}
	}
	plain := func(x []*Node) *Node { return FrameNCE(x[0], x[1], x[2], x[3], x[4]) }
	for name, loss := range map[string]lossFn{"cosines": frameCosine(c.Temperature), "dot products": plain} {
		was, _ := valueAndGradient(t, loss, c.Predictions, c.Keys, c.Real, c.Positions, c.Weights)
		is, _ := valueAndGradient(t, loss, c.Predictions, scaled, c.Real, c.Positions, c.Weights)
		if same := math.Abs(is-was) < 1e-5*was; same != (name == "cosines") {
			t.Errorf("%s: %g, of scaled frames %g", name, was, is)
		}
	}
}

// TestFrameCosineNCEBFloat16: predictions in bfloat16 have the loss of float32 up to the rounding of the scaled vectors.
func TestFrameCosineNCEBFloat16(t *testing.T) {
	for _, c := range filetest.Cases[frameCase](t, "testdata/frames.json", 5) {
		got, _ := valueAndGradient(t, func(x []*Node) *Node {
			return frameCosine(c.Temperature)(append([]*Node{ConvertDType(x[0], dtypes.BFloat16)}, x[1:]...))
		}, c.Predictions, c.Keys, c.Real, c.Positions, c.Weights)
		// Each of three roundings is of 2^-9; a cosine over the temperature is at most 1/temperature.
		if d := math.Abs(got - c.Value); d > 6./512/c.Temperature {
			t.Errorf("loss %g, in float32 %g", got, c.Value)
		}
	}
}
