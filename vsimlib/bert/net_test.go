// SPDX-License-Identifier: Apache-2.0

package bert

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/recipe"
)

// TestDrop checks the share of zeros, the scale of the rest, and that two draws of one graph differ.
func TestDrop(t *testing.T) {
	const size, p = 40000, 0.1
	state, err := RNGStateFromSeed(3)
	if err != nil {
		t.Fatal(err)
	}
	out, err := ExecOnceN(backendstest.Backend(t), func(rng *Node) []*Node {
		n := New(model.NewStore(), rng.Graph(), recipe.Model{}, rng)
		x := Ones(rng.Graph(), shapes.Make(dtypes.Float32, size))
		return []*Node{n.Drop(x, p), n.Drop(x, p), n.Drop(x, 0)}
	}, state)
	if err != nil {
		t.Fatal(err)
	}
	var draws [3][]float32
	for i := range draws {
		if draws[i], err = tensors.CopyFlatData[float32](out[i]); err != nil {
			t.Fatal(err)
		}
	}
	zeros, same := 0, 0
	for i, x := range draws[0] {
		switch {
		case x == 0:
			zeros++
		case math.Abs(float64(x)-1/(1-p)) > 1e-6:
			t.Fatalf("a kept value became %g", x)
		}
		if x == draws[1][i] {
			same++
		}
		if draws[2][i] != 1 {
			t.Fatal("probability 0 changed a value")
		}
	}
	// Five standard deviations of a binomial: 0.0075 of the share p, 0.01 of the 0.82 that agree by chance.
	if share := float64(zeros) / size; math.Abs(share-p) > 0.0075 {
		t.Errorf("%.4f are zero, want %.2f", share, p)
	}
	if share := float64(same) / size; math.Abs(share-(p*p+(1-p)*(1-p))) > 0.01 {
		t.Errorf("two draws agree in %.3f", share)
	}
}

func TestWeightMissing(t *testing.T) {
	_, err := ExecOnceN(backendstest.Backend(t), func(x *Node) []*Node {
		return []*Node{New(model.NewStore(), x.Graph(), recipe.Model{}, nil).Weight("bert.none")}
	}, float32(1))
	if err == nil {
		t.Fatal("no error for a weight that is not there")
	}
}
