// SPDX-License-Identifier: Apache-2.0

package own

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends"
)

// Of a function whose gradients are zero on the made-up batch, drawn batches of drawnRows show whether they are zero everywhere. A
// loss may be zero on many batches and still train: one with a margin is where all pairs are in order.
const drawnBatches, drawnRows = 10, 128

// depends returns an error if all gradients are zero on the drawn batches too, also in float64, where less underflows to zero. A
// function that cannot be built at their size is not judged.
func (f function) depends() error {
	backend, err := backends.OpenGo()
	if err != nil {
		return err
	}
	for n := range drawnBatches {
		batch, err := f.kind.draw(n)
		if err != nil {
			return err
		}
		moves, err := f.moves(backend, batch, dtypes.Float32)
		if moves || err != nil {
			return nil
		}
		if moves, err = f.moves(backend, batch, dtypes.Float64); moves && err == nil {
			return nil
		}
	}
	return failf("%s: the result does not depend on the model: its gradients by %s are zero on all of %d made-up batches; "+
		"comparisons, roundings, integers and StopGradient have no gradient", f, f.trained(), drawnBatches+1)
}

// trained names the inputs by which gradients are taken.
func (f function) trained() string {
	var names []string
	for _, in := range f.kind.inputs {
		if in.trained {
			names = append(names, in.name)
		}
	}
	return strings.Join(names, " and ")
}

// moves reports whether any number of the gradients is not zero, with the inputs in this floating-point type.
func (f function) moves(backend compute.Backend, batch []any, float dtypes.DType) (moves bool, err error) {
	defer func() {
		if e := recover(); e != nil { // of the user's function
			err = failf("%s: %v", f, e)
		}
	}()
	exec, err := NewExec(backend, func(in []*Node) *Node {
		for i, x := range in {
			if x.DType() == dtypes.Float32 {
				in[i] = ConvertDType(x, float)
			}
		}
		building.Lock()
		defer building.Unlock()
		count := Const(in[0].Graph(), int32(0))
		for _, g := range f.gradients(f.call(in), in) {
			count = Add(count, ReduceAllSum(ConvertDType(NotEqual(g, ZerosLike(g)), dtypes.Int32)))
		}
		return count
	})
	if err != nil {
		return false, err
	}
	defer exec.Finalize()
	out, err := exec.Call(batch...)
	if err != nil {
		return false, err
	}
	return tensors.ToScalar[int32](out[0]) > 0, nil
}

// draw is the n-th drawn batch. The rows of inputs that are not trained are those of the made-up batch in turn; later batches have
// other labels.
func (k kind) draw(n int) (batch []any, err error) {
	rng := rand.New(rand.NewPCG(uint64(n), 0))
	var rows []float32 // of the last trained input
	for _, in := range k.inputs {
		sample, err := tensors.FromAnyValue(in.value)
		if err != nil {
			return nil, err
		}
		dims := append([]int{drawnRows}, sample.Shape().Dimensions[1:]...)
		var drawn *tensors.Tensor
		switch {
		case in.trained:
			rows = drawRows(rng, n, dims, rows)
			drawn = tensors.FromFlatDataAndDimensions(rows, dims...)
		case sample.DType() == dtypes.Int32:
			drawn, err = repeated(sample, dims, func(i int, id int32) int32 {
				if in.name == "TextIDs" && id != 0 {
					return int32(i) // any may be that of [MASK]
				}
				return id
			})
		default:
			drawn, err = repeated(sample, dims, func(_ int, v float32) float32 {
				if in.name == "target" && n >= drawnBatches/2 {
					return rng.Float32()
				}
				return v
			})
		}
		if err != nil {
			return nil, err
		}
		batch = append(batch, drawn)
	}
	return batch, nil
}

// repeated is a tensor of dimensions dims with the numbers of another one in turn, each changed.
func repeated[T int32 | float32](of *tensors.Tensor, dims []int, change func(i int, v T) T) (*tensors.Tensor, error) {
	flat, err := tensors.CopyFlatData[T](of)
	if err != nil {
		return nil, err
	}
	data := make([]T, product(dims))
	for i := range data {
		data[i] = change(i, flat[i%len(flat)])
	}
	return tensors.FromFlatDataAndDimensions(data, dims...), nil
}

func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// drawRows are the rows of a trained input: independent ones, ones near those of another input, ones opposite to them, ones all
// near one, or some of each, by turns of n. Embeddings [B,D] have rows of length one, states rows of all sizes.
func drawRows(rng *rand.Rand, n int, dims []int, other []float32) []float32 {
	data := make([]float32, product(dims))
	size := len(data) / drawnRows
	common := make([]float64, size)
	for j := range common {
		common[j] = rng.NormFloat64()
	}
	for b := range drawnRows {
		form, noise := n%5, 0.05
		if form == 4 {
			form = rng.IntN(4)
		}
		length, row := 0.0, make([]float64, size)
		for j := range row {
			center := common[j]
			switch {
			case form == 0:
				center, noise = 0, 1
			case form < 3 && len(other) == len(data):
				center = float64(3-2*form) * float64(other[b*size+j]) // the same, the opposite
			}
			row[j] = center + noise*rng.NormFloat64()
			length += row[j] * row[j]
		}
		scale := math.Pow(10, 4*rng.Float64()-2)
		if len(dims) == 2 {
			scale = 1 / math.Sqrt(length)
		}
		for j, v := range row {
			data[b*size+j] = float32(v * scale)
		}
	}
	return data
}
