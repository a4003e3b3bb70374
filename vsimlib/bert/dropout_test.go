// SPDX-License-Identifier: Apache-2.0

package bert

import (
	"math"
	"math/bits"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/recipe"
)

// state is what dropout draws from.
func state(t *testing.T) *tensors.Tensor {
	t.Helper()
	s, err := RNGStateFromSeed(3)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDrop checks the share of zeros, the scale of the rest, and that two draws of one graph differ, as on a CPU and as on a GPU.
func TestDrop(t *testing.T) {
	t.Run("CPU", func(t *testing.T) { testDrop(t, backendstest.Backend(t)) })
	t.Run("GPU", func(t *testing.T) { testDrop(t, backendstest.AsCUDA(backendstest.Backend(t))) })
}

func testDrop(t *testing.T, backend compute.Backend) {
	const size, p = 40000, 0.1
	out, err := ExecOnceN(backend, func(rng *Node) []*Node {
		n := New(model.NewStore(), rng.Graph(), recipe.Model{}, rng)
		x := Ones(rng.Graph(), shapes.Make(dtypes.Float32, size))
		return []*Node{n.Drop(x, p), n.Drop(x, p), n.Drop(x, 0)}
	}, state(t))
	if err != nil {
		t.Fatal(err)
	}
	draws := valuesOf(t, out)
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

// hash is pcg3d with all three results, as its paper lists it.
func hash(v [3]uint32) [3]uint32 {
	mix := func() {
		v[0] += v[1] * v[2]
		v[1] += v[2] * v[0]
		v[2] += v[0] * v[1]
	}
	for i := range v {
		v[i] = v[i]*1664525 + 1013904223
	}
	mix()
	for i := range v {
		v[i] ^= v[i] >> 16
	}
	mix()
	return v
}

// TestNumbers: the numbers in a graph are the hash of index, dropout and state, and that is the same on all backends.
func TestNumbers(t *testing.T) {
	const number = 7
	words, err := tensors.CopyFlatData[uint64](state(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, backend := range map[string]compute.Backend{"go": backendstest.Go(t), "xla": backendstest.Backend(t)} {
		out, err := ExecOnceN(backend, func(rng *Node) []*Node {
			return []*Node{dropout{rng, number, 0.1}.numbers(3, 5, 7)}
		}, state(t))
		if err != nil {
			t.Fatal(err)
		}
		got, err := tensors.CopyFlatData[uint32](out[0])
		if err != nil || len(got) != 3*5*7 {
			t.Fatal(len(got), err)
		}
		for i, x := range got {
			if want := hash([3]uint32{uint32(i), uint32(words[0]) + number, uint32(words[1])})[0]; x != want {
				t.Fatalf("%s: number %d is %d, want %d", name, i, x, want)
			}
		}
	}
}

// TestIndependent: what is dropped neither depends on what is dropped next to it, a row of BERT-large further, in the next dropout,
// or in a step whose state differs in one bit, nor on a bit of the place. Each share, of a million places or of the tenth that is
// dropped, is within five standard deviations.
func TestIndependent(t *testing.T) {
	const n, p, width = 1 << 20, 0.1, 1024
	dropped := func(x, y, z int) bool { return hash([3]uint32{uint32(x), uint32(y), uint32(z)})[0] < 1<<32/10 }
	within := func(what string, count, of int, share float64) {
		t.Helper()
		if d := float64(count) - share*float64(of); math.Abs(d) > 5*math.Sqrt(float64(of)*share*(1-share)) {
			t.Errorf("%s: %d of %d, want %.4f", what, count, of, share)
		}
	}
	for _, key := range [][2]int{{0, 0}, {1, 0}, {0x9e3779b9, 0x7f4a7c15}} {
		y, z := key[0], key[1]
		all, next, row, other, step := 0, 0, 0, 0, 0
		var ones [20]int // of the dropped, by bit of the index
		for i := range n {
			if !dropped(i, y, z) {
				continue
			}
			all++
			for b := range ones {
				ones[b] += i >> b & 1
			}
			next += count(dropped(i+1, y, z))
			row += count(dropped(i+width, y, z))
			other += count(dropped(i, y+1, z))
			step += count(dropped(i, y, z^1))
		}
		within("dropped", all, n, p)
		within("the next", next, all, p)
		within("a row further", row, all, p)
		within("the next dropout", other, all, p)
		within("another step", step, all, p)
		for _, of := range ones {
			within("a bit of the index", of, all, 0.5)
		}
	}
	flips := 0 // of the eight highest bits of the result, which decide what is dropped, by a bit of one of the three
	for i := range 1 << 12 {
		for b := range 96 {
			v := [3]uint32{uint32(i), 0x9e3779b9, 0x7f4a7c15}
			before := hash(v)[0]
			v[b/32] ^= 1 << (b % 32)
			flips += bits.OnesCount32((before ^ hash(v)[0]) >> 24)
		}
	}
	if share := float64(flips) / (96 * 8 << 12); math.Abs(share-0.5) > 0.02 {
		t.Errorf("a bit changes %.3f of the highest bits", share)
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// TestDropGradients: in a graph for a GPU the gradient of dropout is that of what the forward pass kept.
func TestDropGradients(t *testing.T) {
	const size, p = 999, 0.3
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.BFloat16} {
		out, err := ExecOnceN(backendstest.AsCUDA(backendstest.Backend(t)), func(rng *Node) []*Node {
			g := rng.Graph()
			n := New(model.NewStore(), g, recipe.Model{}, rng)
			x, y := Const(g, waves(size, 1.7)), ConvertDType(Const(g, waves(size, 0.4)), dtype)
			slope := Const(g, waves(size, 2.3))
			both, one := n.addDropped(x, y, p), n.Drop(y, p)
			results := append([]*Node{slope, Sub(both, x), y}, Gradient(ReduceAllSum(Mul(both, slope)), x, y)...)
			results = append(results, one)
			results = append(results, Gradient(ReduceAllSum(Mul(ConvertDType(one, dtypes.Float32), slope)), y)...)
			for i, r := range results {
				results[i] = ConvertDType(r, dtypes.Float32)
			}
			return results
		}, state(t))
		if err != nil {
			t.Fatal(err)
		}
		v := valuesOf(t, out)
		slope, added, y, byX, byY, one, byOne := v[0], v[1], v[2], v[3], v[4], v[5], v[6]
		tolerance := map[dtypes.DType]float64{dtypes.Float32: 1e-5, dtypes.BFloat16: 2e-2}[dtype]
		near := func(got, want float32) bool { return math.Abs(float64(got-want)) <= tolerance }
		kept := 0
		for i := range size {
			want := func(result float32) float32 { // of the gradient, by what the forward pass made of y
				if math.Abs(float64(result)) < 1e-6 {
					return 0
				}
				kept++
				return slope[i] / (1 - p)
			}
			if byX[i] != slope[i] || !near(byY[i], want(added[i])) || !near(byOne[i], want(one[i])) {
				t.Fatalf("%s: %d: gradients %g, %g, %g for a slope of %g, y %g, results %g and %g", dtype, i, byX[i], byY[i], byOne[i],
					slope[i], y[i], added[i], one[i])
			}
		}
		if share := float64(kept) / (2 * size); math.Abs(share-(1-p)) > 0.06 {
			t.Errorf("%s: %.3f are kept", dtype, share)
		}
	}
}
