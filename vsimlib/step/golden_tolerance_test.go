// SPDX-License-Identifier: Apache-2.0

package step

import (
	"cmp"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/recipe"
)

// tolerance is how far a device's arithmetic may be from the PyTorch reference that made the cases, in float32 on a CPU.
type tolerance struct {
	output float64 // of the tensor's largest absolute value
	loss   float64 // relative
	grad   float64 // of the larger of the tensor's largest value and a thousandth of the case's largest gradient
	weight float64 // of the tensor's largest absolute value, after five steps
	// Softmax does not see a shift of its scores: these biases have a true gradient of 0, and Adam blows rounding up.
	blind float64
}

// tolerances by what rounds: the factors of a product have 23 bits of mantissa in float32, 10 in TF32, 7 in bfloat16; sums are in
// float32 always. A GPU in float32 adds up in another order, in parts, and has its own exp and tanh. What TF32 and bfloat16 round
// away shows in outputs, losses and gradients as it is. In the weights it shows less and otherwise: Adam steps by lr whatever a
// gradient's size, so where rounding turns the sign of a small one, a weight is off by up to twice five steps of lr, which is
// 5e-3 in the heads. The row of bfloat16 is 2.5 times the worst measured on XLA:CPU over the cases in testdata (outputs 8e-3,
// losses 2e-2, gradients 4e-2, weights 5e-3); TF32 has an eighth of its rounding. The rows of a GPU have not been run on one yet.
var tolerances = map[string]tolerance{
	"float32 cpu":  {2e-5, 1e-5, 1e-4, 1e-5, 1e-2},
	"float32 cuda": {1e-4, 5e-5, 5e-4, 1e-3, 1e-2},
	"tf32 cuda":    {4e-3, 6e-3, 2e-2, 1e-2, 1e-2},
	"bfloat16":     {2e-2, 5e-2, 1e-1, 1.3e-2, 1e-2},
}

// goldenType is the compute type that the cases are checked in: float32, or what VSIM_GOLDEN_DTYPE says.
func goldenType() string { return cmp.Or(os.Getenv("VSIM_GOLDEN_DTYPE"), recipe.Float32) }

// toleranceOf is that of the backend and compute type under test.
func toleranceOf(t *testing.T) tolerance {
	t.Helper()
	arithmetic := goldenType()
	if arithmetic == recipe.Float32 {
		kind := backends.Kind(backendstest.Backend(t))
		switch {
		case kind == backends.CUDA && backends.UsesTF32(backendstest.Backend(t)):
			arithmetic = "tf32 cuda"
		case kind == backends.CUDA:
			arithmetic = "float32 cuda"
		default:
			arithmetic = "float32 cpu"
		}
	}
	tol, ok := tolerances[arithmetic]
	if !ok {
		t.Fatalf("no tolerance for %s", arithmetic)
	}
	return tol
}

// blind reports whether softmax hides a weight, so that its true gradient is 0.
func blind(name string) bool {
	return strings.HasSuffix(name, ".self.key.bias") || strings.HasSuffix(name, "attention_pool.score.bias")
}

// near compares element by element within tol of the larger of want's largest absolute value and floor.
func (k *golden) near(name string, got, want []float32, tol, floor float64) {
	k.Helper()
	k.nearAbs(name, got, want, tol*max(maxAbs(want), floor))
}

func (k *golden) nearAbs(name string, got, want []float32, limit float64) {
	k.Helper()
	if len(got) != len(want) {
		k.Errorf("%s: %d values, want %d", name, len(got), len(want))
		return
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - float64(want[i])); !(d <= limit) {
			k.Errorf("%s[%d] = %g, want %g (off by %g, limit %g)", name, i, got[i], want[i], d, limit)
			return
		}
	}
}

func (k *golden) nearLoss(name string, got, want float64) {
	k.Helper()
	if !(math.Abs(got-want) <= k.tol.loss*math.Abs(want)) {
		k.Errorf("loss %s = %.9g, want %.9g", name, got, want)
	}
}

func maxAbs(v []float32) float64 {
	m := 0.0
	for _, x := range v {
		m = max(m, math.Abs(float64(x)))
	}
	return m
}

func flat(t *testing.T, x *tensors.Tensor) []float32 {
	t.Helper()
	v, err := tensors.CopyFlatData[float32](x)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
