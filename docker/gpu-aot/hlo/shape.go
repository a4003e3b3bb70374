// SPDX-License-Identifier: Apache-2.0

package hlo

// Type is the type of an array's elements: xla.PrimitiveType.
type Type int64

// The types that this package names.
const (
	Pred     Type = 1
	F16      Type = 10
	F32      Type = 11
	F64      Type = 12
	Tuple    Type = 13
	BFloat16 Type = 16
)

// types lists name and bytes of each type that a program of ours may hold.
var types = map[Type]struct {
	name  string
	bytes int64
}{
	Pred: {"pred", 1}, 2: {"s8", 1}, 3: {"s16", 2}, 4: {"s32", 4}, 5: {"s64", 8},
	6: {"u8", 1}, 7: {"u16", 2}, 8: {"u32", 4}, 9: {"u64", 8},
	F16: {"f16", 2}, F32: {"f32", 4}, F64: {"f64", 8}, BFloat16: {"bf16", 2}, 15: {"c64", 8}, 18: {"c128", 16},
}

// String is the type's name in HLO, as "bf16".
func (t Type) String() string {
	if known, ok := types[t]; ok {
		return known.name
	}
	return "other"
}

// Shape is that of an array, or of a tuple.
type Shape struct {
	Type Type
	Dims []int64
	Of   []Shape // of a tuple
}

// Elements is the number of an array's elements.
func (s Shape) Elements() int64 {
	n := int64(1)
	for _, d := range s.Dims {
		n *= d
	}
	return n
}

// Bytes is the size of an array, or of all arrays of a tuple. Tokens and other things without data have none.
func (s Shape) Bytes() int64 {
	if s.Type == Tuple {
		total := int64(0)
		for _, part := range s.Of {
			total += part.Bytes()
		}
		return total
	}
	return s.Elements() * types[s.Type].bytes
}

func parseShape(data []byte) (Shape, error) {
	var s Shape
	err := each(data, func(f field) error {
		switch f.number {
		case 2:
			s.Type = Type(f.value)
		case 3:
			return f.ints(&s.Dims)
		case 4:
			part, err := parseShape(f.bytes)
			s.Of = append(s.Of, part)
			return err
		}
		return nil
	})
	return s, err
}
