// SPDX-License-Identifier: Apache-2.0

// Package hlo reads the program that XLA has optimised for a device, an HloModuleProto, and counts what it does: kernels, bytes
// moved, arithmetic by type, results in the memory of arguments, and what is alive at once. It reads only the fields that this
// takes, by their numbers in XLA's hlo.proto and xla_data.proto, which never change their meaning.
package hlo

import "fmt"

// Module is a compiled program.
type Module struct {
	Name         string
	Entry        *Computation
	Computations map[int64]*Computation
	Aliases      []Alias // results that are written into arguments
}

// Alias says that a result is written into the memory of an argument.
type Alias struct {
	Result   []int64 // index into the tuple of results; empty where the program has one result, no tuple
	Argument int64   // number of the parameter
}

// Computation is a list of instructions, in the order in which they run where the module is scheduled.
type Computation struct {
	Name         string
	Instructions []*Instruction
	Root         *Instruction
}

// Instruction is one operation.
type Instruction struct {
	Name, Opcode string
	Shape        Shape
	Operands     []*Instruction
	Called       []*Computation // a fusion's body, a loop's body and condition, …
	Parameter    int64          // number of a parameter
	Index        int64          // of a get-tuple-element
	FusionKind   string         // kLoop, kInput, kCustom, …
	Target       string         // of a custom call
	Config       string         // the backend's own configuration: JSON
	Dot          Dot
}

// Dot says how a dot multiplies.
type Dot struct {
	LeftContracting []int64 // dimensions of the left operand that are summed over
	Precision       []int64 // of each operand: PrecisionConfig.Precision
	Algorithm       int64   // PrecisionConfig.Algorithm
}

// Parse reads an HloModuleProtoWithConfig, which is what the format "hlo_with_config" of PJRT is.
func Parse(data []byte) (*Module, error) {
	var module []byte
	err := each(data, func(f field) error {
		if f.number == 1 {
			module = f.bytes
		}
		return nil
	})
	if err != nil {
		return nil, in("HLO program", err)
	}
	m, err := parseModule(module)
	return m, in("HLO program", err)
}

// raw is an instruction before its operands and computations are looked up.
type raw struct {
	*Instruction
	id               int64
	operands, called []int64
}

// loose is a computation before its instructions are joined.
type loose struct {
	*Computation
	id, root int64
	list     []raw
}

func parseModule(data []byte) (*Module, error) {
	m := &Module{Computations: map[int64]*Computation{}}
	entry := int64(0)
	var computations []loose
	order := map[int64][]int64{}
	err := each(data, func(f field) (err error) {
		switch f.number {
		case 1:
			m.Name = string(f.bytes)
		case 3:
			var c loose
			c, err = parseComputation(f.bytes)
			computations = append(computations, c)
			m.Computations[c.id] = c.Computation
		case 6:
			entry = int64(f.value)
		case 7:
			err = in("schedule", parseSchedule(f.bytes, order))
		case 8:
			err = in("aliases", m.parseAliases(f.bytes))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, c := range computations {
		if err := m.join(c, order[c.id]); err != nil {
			return nil, in(c.Name, err)
		}
	}
	if m.Entry = m.Computations[entry]; m.Entry == nil || m.Entry.Root == nil {
		return nil, fmt.Errorf("no entry computation")
	}
	return m, nil
}

// join looks up what instructions refer to, and brings them into the order of the schedule where there is one.
func (m *Module) join(c loose, order []int64) error {
	byID := map[int64]*Instruction{}
	for _, r := range c.list {
		byID[r.id] = r.Instruction
	}
	for _, r := range c.list {
		for _, id := range r.operands {
			operand := byID[id]
			if operand == nil {
				return fmt.Errorf("%s: operand %d does not exist", r.Name, id)
			}
			r.Operands = append(r.Operands, operand)
		}
		for _, id := range r.called {
			called := m.Computations[id]
			if called == nil {
				return fmt.Errorf("%s: computation %d does not exist", r.Name, id)
			}
			r.Called = append(r.Called, called)
		}
	}
	if c.Root = byID[c.root]; c.Root == nil {
		return fmt.Errorf("root %d does not exist", c.root)
	}
	if len(order) == len(c.list) {
		for _, id := range order {
			if byID[id] == nil {
				return fmt.Errorf("schedule: instruction %d does not exist", id)
			}
			c.Instructions = append(c.Instructions, byID[id])
		}
		return nil
	}
	for _, r := range c.list {
		c.Instructions = append(c.Instructions, r.Instruction)
	}
	return nil
}

func parseComputation(data []byte) (loose, error) {
	c := loose{Computation: &Computation{}}
	err := each(data, func(f field) (err error) {
		switch f.number {
		case 1:
			c.Name = string(f.bytes)
		case 2:
			var r raw
			r, err = parseInstruction(f.bytes)
			c.list = append(c.list, r)
		case 5:
			c.id = int64(f.value)
		case 6:
			c.root = int64(f.value)
		}
		return err
	})
	return c, in("computation "+c.Name, err)
}

func parseInstruction(data []byte) (raw, error) {
	r := raw{Instruction: &Instruction{}}
	err := each(data, func(f field) (err error) {
		switch f.number {
		case 1:
			r.Name = string(f.bytes)
		case 2:
			r.Opcode = string(f.bytes)
		case 3:
			r.Shape, err = parseShape(f.bytes)
		case 9:
			r.Parameter = int64(f.value)
		case 11:
			r.FusionKind = string(f.bytes)
		case 13:
			r.Index = int64(f.value)
		case 28:
			r.Target = string(f.bytes)
		case 30:
			err = parseInts(f.bytes, map[int]*[]int64{1: &r.Dot.LeftContracting})
		case 35:
			r.id = int64(f.value)
		case 36:
			err = f.ints(&r.operands)
		case 38:
			err = f.ints(&r.called)
		case 43:
			r.Config = string(f.bytes)
		case 51:
			var algorithm []int64
			err = parseInts(f.bytes, map[int]*[]int64{1: &r.Dot.Precision, 2: &algorithm})
			for _, a := range algorithm {
				r.Dot.Algorithm = a
			}
		}
		return err
	})
	return r, in("instruction "+r.Name, err)
}

// parseInts reads the integers of some fields of a message.
func parseInts(data []byte, to map[int]*[]int64) error {
	return each(data, func(f field) error {
		if list := to[int(f.number)]; list != nil {
			return f.ints(list)
		}
		return nil
	})
}

// parseSchedule reads a HloScheduleProto: a map from computation to the order of its instructions.
func parseSchedule(data []byte, order map[int64][]int64) error {
	return each(data, func(f field) error {
		if f.number != 1 {
			return nil
		}
		id := int64(0)
		var list []int64
		err := each(f.bytes, func(entry field) error {
			if entry.number == 1 {
				id = int64(entry.value)
				return nil
			}
			return parseInts(entry.bytes, map[int]*[]int64{1: &list})
		})
		order[id] = list
		return err
	})
}

// parseAliases reads a HloInputOutputAliasProto.
func (m *Module) parseAliases(data []byte) error {
	return each(data, func(f field) error {
		var a Alias
		var number []int64
		if err := parseInts(f.bytes, map[int]*[]int64{1: &a.Result, 2: &number}); err != nil {
			return err
		}
		for _, n := range number {
			a.Argument = n
		}
		m.Aliases = append(m.Aliases, a)
		return nil
	})
}
