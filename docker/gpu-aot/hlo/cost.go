// SPDX-License-Identifier: Apache-2.0

package hlo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kernel is one launch on the device.
type Kernel struct {
	Name  string
	Bytes int64      // of its distinct operands and its results, each moved once
	Dots  []Multiply // the products of matrices in it
}

// Multiply is a product of matrices.
type Multiply struct {
	Arithmetic string  // one of the constants below, or another type of HLO
	FLOPs      float64 // two for each multiply and add
}

// Arithmetic of a product: of what precision its factors are. TF32 is what a GPU makes of float32 factors unless all bits are
// asked for.
const (
	InBFloat16 = "bfloat16"
	InTF32     = "tf32"
	InFloat32  = "float32"
	InFloat16  = "float16"
)

// Codes of xla.PrecisionConfig: the highest precision of an operand, and algorithms that keep all bits of float32 or more of them
// than TF32 has.
const highest = 2

var exactAlgorithms = []int64{8, 10, 11, 13} // BF16_BF16_F32_X6, TF32_TF32_F32_X3, F32_F32_F32, BF16_BF16_F32_X9

// free lists what launches nothing.
var free = []string{"parameter", "constant", "get-tuple-element", "tuple", "bitcast", "after-all", "partition-id", "replica-id",
	"async-update", "async-done", "copy-done", "all-reduce-done", "all-gather-done",
	"collective-permute-done", "opt-barrier", "domain"}

// calling lists what runs other computations of kernels. A loop's body is counted once.
var calling = []string{"while", "call", "conditional", "async-start"}

// Kernels lists what the program launches, in order.
func (m *Module) Kernels() ([]Kernel, error) { return m.Entry.kernels() }

func (c *Computation) kernels() ([]Kernel, error) {
	var list []Kernel
	for _, i := range c.Instructions {
		switch {
		case slices.Contains(free, i.Opcode):
		case slices.Contains(calling, i.Opcode):
			for _, called := range i.Called {
				inner, err := called.kernels()
				if err != nil {
					return nil, err
				}
				list = append(list, inner...)
			}
		default:
			k, err := i.kernel()
			if err != nil {
				return nil, in(i.Name, err)
			}
			list = append(list, k)
		}
	}
	return list, nil
}

func (i *Instruction) kernel() (Kernel, error) {
	k := Kernel{Name: i.Name, Bytes: i.Shape.Bytes()}
	for n, operand := range i.Operands {
		if !slices.Contains(i.Operands[:n], operand) {
			k.Bytes += i.reads(n)
		}
	}
	err := i.products(&k)
	return k, err
}

// reads is how many bytes of its operand n the instruction reads: fewer than all where a fusion only takes slices or rows of it,
// maybe after a conversion.
func (i *Instruction) reads(n int) int64 {
	shape := i.Operands[n].Shape
	if i.Opcode != "fusion" || len(i.Called) != 1 || shape.Type == Tuple {
		return shape.Bytes()
	}
	part := int64(0)
	for at, inner := range i.Called[0].Instructions {
		if inner.Opcode == "parameter" && inner.Parameter == int64(n) {
			part += i.Called[0].elements(at) * types[shape.Type].bytes
		}
	}
	return min(part, shape.Bytes())
}

// elements is how many elements of instruction number at, in a fusion, those after it read, or leave it as a result.
func (c *Computation) elements(at int) int64 {
	x := c.Instructions[at]
	if x == c.Root {
		return x.Shape.Elements()
	}
	sum := int64(0)
	for i, user := range c.Instructions[at+1:] {
		for n, operand := range user.Operands {
			switch {
			case operand != x:
			case n == 0 && slices.Contains([]string{"bitcast", "convert"}, user.Opcode):
				sum += c.elements(at + 1 + i)
			case n == 0 && slices.Contains([]string{"slice", "dynamic-slice", "gather"}, user.Opcode):
				sum += user.Shape.Elements()
			default:
				sum += x.Shape.Elements()
			}
		}
	}
	return sum
}

// products adds the products of matrices of an instruction and of the computations inside it.
func (i *Instruction) products(k *Kernel) error {
	switch {
	case i.Opcode == "dot":
		flops, err := i.flops(i.Dot.LeftContracting)
		if err != nil {
			return err
		}
		k.Dots = append(k.Dots, Multiply{i.arithmetic(), flops})
	case i.Opcode == "convolution":
		return fmt.Errorf("a convolution, of which the arithmetic is not counted")
	case i.Opcode == "custom-call" && strings.Contains(i.Target, "cublas"):
		p, err := i.library()
		if err != nil {
			return in("configuration of "+i.Target, err)
		}
		k.Dots = append(k.Dots, p)
	}
	for _, called := range i.Called {
		for _, inner := range called.Instructions {
			if err := inner.products(k); err != nil {
				return in(inner.Name, err)
			}
		}
	}
	return nil
}

// flops is 2·|result|·Π of the dimensions that are summed over.
func (i *Instruction) flops(contracting []int64) (float64, error) {
	result := i.Shape
	if result.Type == Tuple && len(result.Of) > 0 { // with a work space
		result = result.Of[0]
	}
	if len(i.Operands) < 2 {
		return 0, fmt.Errorf("a product of %d operands", len(i.Operands))
	}
	flops := 2 * float64(result.Elements())
	for _, d := range contracting {
		left := i.Operands[0].Shape.Dims
		if d < 0 || d >= int64(len(left)) {
			return 0, fmt.Errorf("sums over dimension %d of %d", d, len(left))
		}
		flops *= float64(left[d])
	}
	return flops, nil
}

// arithmetic is that of the wider factor.
func (i *Instruction) arithmetic() string {
	wider := i.Operands[0].Shape.Type
	if other := i.Operands[1].Shape.Type; types[other].bytes > types[wider].bytes {
		wider = other
	}
	switch {
	case wider == BFloat16:
		return InBFloat16
	case wider == F16:
		return InFloat16
	case wider != F32:
		return wider.String()
	case slices.Contains(i.Dot.Precision, highest) || slices.Contains(exactAlgorithms, i.Dot.Algorithm):
		return InFloat32
	}
	return InTF32
}

// library is the product of a call of cuBLAS, which has its dimensions in its configuration.
func (i *Instruction) library() (Multiply, error) {
	var c struct {
		Gemm struct {
			Dimensions struct {
				Left []string `json:"lhs_contracting_dimensions"`
			} `json:"dot_dimension_numbers"`
			Precision struct {
				Operands  []string `json:"operand_precision"`
				Algorithm string   `json:"algorithm"`
			} `json:"precision_config"`
		} `json:"gemm_backend_config"`
	}
	if err := json.Unmarshal([]byte(i.Config), &c); err != nil {
		return Multiply{}, err
	}
	if len(c.Gemm.Dimensions.Left) == 0 {
		return Multiply{}, fmt.Errorf("no dimensions that are summed over")
	}
	var contracting []int64
	for _, text := range c.Gemm.Dimensions.Left {
		d, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return Multiply{}, err
		}
		contracting = append(contracting, d)
	}
	flops, err := i.flops(contracting)
	if err != nil {
		return Multiply{}, err
	}
	arithmetic := i.arithmetic()
	exact := slices.Contains(c.Gemm.Precision.Operands, "HIGHEST") || strings.HasPrefix(c.Gemm.Precision.Algorithm, "ALG_DOT_F32")
	if arithmetic == InTF32 && exact {
		arithmetic = InFloat32
	}
	return Multiply{arithmetic, flops}, nil
}
