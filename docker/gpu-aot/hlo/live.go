// SPDX-License-Identifier: Apache-2.0

package hlo

import "fmt"

// array is one array that an instruction of the entry makes, alive from its birth to its last use.
type array struct {
	shape       Shape
	born, last  int
	isTemporary bool // neither an argument nor a result, which have memory of their own
}

// LiveAtPeak is how many bytes of each element type are alive where most are, arguments and results left out, in the order of the
// schedule. The compiler's own plan can be smaller, where a kernel writes its result over an operand, or larger, by alignment and
// gaps.
func (m *Module) LiveAtPeak() map[string]int64 {
	arrays := m.Entry.arrays()
	n := len(m.Entry.Instructions)
	change := make([]int64, n+1)
	for _, a := range arrays {
		if a.isTemporary {
			change[a.born] += a.shape.Bytes()
			change[a.last+1] -= a.shape.Bytes()
		}
	}
	now, most, at := int64(0), int64(-1), 0
	for i := range n {
		if now += change[i]; now > most {
			most, at = now, i
		}
	}
	live := map[string]int64{}
	for _, a := range arrays {
		if a.isTemporary && a.born <= at && at <= a.last {
			live[a.shape.Type.String()] += a.shape.Bytes()
		}
	}
	return live
}

// arrays follows every array through bitcasts and tuples to its last use.
func (c *Computation) arrays() []*array {
	var all []*array
	holds := map[*Instruction][]*array{} // the leaves of its shape
	for at, i := range c.Instructions {
		var operands []*array
		for _, operand := range i.Operands {
			for _, a := range holds[operand] {
				a.last = at
			}
			operands = append(operands, holds[operand]...)
		}
		switch i.Opcode {
		case "bitcast", "tuple", "opt-barrier", "async-done", "while":
			holds[i] = operands
		case "get-tuple-element":
			if leaves := operands; int(i.Index) < len(leaves) {
				holds[i] = leaves[i.Index : i.Index+1]
			}
		default:
			for _, leaf := range i.Shape.leaves() {
				a := &array{shape: leaf, born: at, last: at, isTemporary: i.Opcode != "parameter" && i.Opcode != "constant"}
				all, holds[i] = append(all, a), append(holds[i], a)
			}
		}
	}
	for _, a := range holds[c.Root] {
		a.isTemporary = false
	}
	return all
}

// leaves lists the arrays of a shape.
func (s Shape) leaves() []Shape {
	if s.Type != Tuple {
		return []Shape{s}
	}
	var list []Shape
	for _, part := range s.Of {
		list = append(list, part.leaves()...)
	}
	return list
}

// Unaliased are the bytes of results that no argument's memory takes.
func (m *Module) Unaliased() (int64, error) {
	results := m.Entry.Root.Shape
	total := results.Bytes()
	for _, a := range m.Aliases {
		part := results
		for _, index := range a.Result {
			if index < 0 || int(index) >= len(part.Of) {
				return 0, fmt.Errorf("an alias of result %v, which does not exist", a.Result)
			}
			part = part.Of[index]
		}
		total -= part.Bytes()
	}
	return total, nil
}
