// SPDX-License-Identifier: Apache-2.0

package product

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/backends"
)

// Of multiplies x and y and sums over the axis of each that they name. The axes of the result are the batch axes of both, in
// their order, then the other axes of x, then those of y. Operands in bfloat16 or float16 give float32 and have gradients of
// their own type; others are multiplied as GoMLX does it.
func Of(x *Node, xSum int, xBatch []int, y *Node, ySum int, yBatch []int) *Node {
	return multiply(dtypes.Float32, x, xSum, xBatch, y, ySum, yBatch)
}

// Narrow is Of with a result in the type of the operands, to which the float32 sums are rounded when they are written.
func Narrow(x *Node, xSum int, xBatch []int, y *Node, ySum int, yBatch []int) *Node {
	return multiply(x.DType(), x, xSum, xBatch, y, ySum, yBatch)
}

func multiply(result dtypes.DType, x *Node, xSum int, xBatch []int, y *Node, ySum int, yBatch []int) *Node {
	if !x.DType().IsHalfPrecision() {
		return DotGeneral(x, []int{xSum}, xBatch, y, []int{ySum}, yBatch)
	}
	out := half(result, x, []int{xSum}, xBatch, y, []int{ySum}, yBatch)
	setGradient(out, func(node, v *Node) []*Node {
		in := node.Inputs() // not x and y: under gradient checkpointing they are computed again
		a, b := newOperand(in[0], xSum, xBatch), newOperand(in[1], ySum, yBatch)
		v = ConvertDType(v, a.x.DType())
		n := len(xBatch)
		return []*Node{
			a.gradient(v, axes(n+len(a.free), len(b.free)), b),
			b.gradient(v, axes(n, len(a.free)), a),
		}
	})
	return out
}

// half is the product of operands of half precision, without a conversion of them.
//
// go-xla reads an accumulator of float32 on a CPU as the wish to convert both operands, which it then makes wait for each
// other by adding zeros to them; the type of the result alone says the same there, as XLA never adds up in less than it. On
// CUDA it reads the lack of an accumulator as the wish for more exact products than the operands have.
func half(result dtypes.DType, x *Node, xSum, xBatch []int, y *Node, ySum, yBatch []int) *Node {
	accumulator := dtypes.InvalidDType
	if backends.Kind(x.Graph().Backend()) == backends.CUDA {
		accumulator = dtypes.Float32
	}
	return Dot(x, y).WithAccumulatorDType(accumulator).WithOutputDType(result).General(xSum, xBatch, ySum, yBatch)
}

// operand is one side of a product and what becomes of its axes.
type operand struct {
	x     *Node
	sum   int
	batch []int
	free  []int // the others, in their order
}

func newOperand(x *Node, sum int, batch []int) operand {
	o := operand{x: x, sum: sum, batch: batch}
	for axis := range x.Rank() {
		if axis != sum && !slices.Contains(batch, axis) {
			o.free = append(o.free, axis)
		}
	}
	return o
}

// gradient is the gradient by o of a product with other, given the gradient v of the product and the axes of v that are
// other's free ones. The order of the factors is the one that needs no transpose.
func (o operand) gradient(v *Node, free []int, other operand) *Node {
	batch := axes(0, len(o.batch))
	var y *Node
	order := slices.Clone(o.batch) // the axes of o that the axes of y are
	if len(o.free) > 0 && o.sum < o.free[0] {
		y = half(dtypes.Float32, other.x, other.free, other.batch, v, free, batch)
		order = append(append(order, o.sum), o.free...)
	} else {
		y = half(dtypes.Float32, v, free, batch, other.x, other.free, other.batch)
		order = append(append(order, o.free...), o.sum)
	}
	if !slices.IsSorted(order) {
		back := make([]int, len(order))
		for i, axis := range order {
			back[axis] = i
		}
		y = TransposeAllAxes(y, back...)
	}
	return ConvertDType(y, o.x.DType())
}

// axes are n axes from the first one on.
func axes(first, n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = first + i
	}
	return list
}
