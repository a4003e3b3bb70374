// SPDX-License-Identifier: Apache-2.0

// Package provenance says by what a result was computed: backend, plugin, device, processor, build of vsim and arithmetic (see
// package arithmetic). It names no host, no user and no path.
package provenance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Machine is what computes: a build of vsim with a backend on a device.
type Machine struct {
	Backend        string `json:"backend"`          // kind: cpu, cuda, go or a plugin's own; see package backends
	Plugin         string `json:"plugin,omitempty"` // sha256 of the plugin's file
	Device         string `json:"device"`
	CPU            string `json:"cpu"`             // model of the processor
	InstructionSet string `json:"instruction_set"` // its extensions, as golang.org/x/sys/cpu names them
	Revision       string `json:"revision"`        // of vsim's sources; "" where the build does not know it
	Modified       bool   `json:"modified"`        // files differ from the revision
	Go             string `json:"go"`              // version, system and architecture
}

// Process is one process, or several in a row on the same machine, that worked on a result.
type Process struct {
	Machine
	Arithmetic string  `json:"arithmetic"`        // number of what was computed
	Start      string  `json:"start,omitempty"`   // UTC, of the first
	Seconds    float64 `json:"seconds,omitempty"` // that went into the result
}

// Now is a process that starts now.
func Now(m Machine, arithmetic string) Process {
	return Process{Machine: m, Arithmetic: arithmetic, Start: time.Now().UTC().Format(time.RFC3339)}
}

// Differs says in what the arithmetic of two processes differs: the number, or the backend. "" means that neither does. A backend
// that is not known (no process of this result will compute) differs from none.
func (p Process) Differs(now Process) string {
	switch {
	case p.Backend != now.Backend && p.Backend != "" && now.Backend != "":
		return fmt.Sprintf("computed by the backend %s, and this one is %s", p.Backend, now.Backend)
	case p.Arithmetic != now.Arithmetic:
		return fmt.Sprintf("computed with the arithmetic %s, and that of this vsim is %s", p.Arithmetic, now.Arithmetic)
	}
	return ""
}

// Unlike says in what two processes differ that may change the last bits of a result: besides the arithmetic, the plugin, and the
// device or, where the processor is the device, its model and instruction set. "" means that they compute alike.
func (p Process) Unlike(other Process) string {
	if what := p.Differs(other); what != "" {
		return what
	}
	type part struct{ name, a, b string }
	parts := []part{{"plugin", short(p.Plugin), short(other.Plugin)}}
	if p.Backend == "cpu" || p.Backend == "go" {
		parts = append(parts, part{"processor", p.CPU, other.CPU}, part{"instruction set", p.InstructionSet, other.InstructionSet})
	} else {
		parts = append(parts, part{"device", p.Device, other.Device})
	}
	for _, c := range parts {
		if c.a != c.b {
			return fmt.Sprintf("computed with the %s %s, and the other with %s", c.name, c.a, c.b)
		}
	}
	return ""
}

// short is the beginning of a hash.
func short(hash string) string { return hash[:min(12, len(hash))] }

// List is the processes that worked on a result, in their order.
type List []Process

// Add appends a process. One that differs from the last in nothing but time becomes a part of it.
func (l List) Add(p Process) List {
	if n := len(l); n > 0 && l[n-1].Machine == p.Machine && l[n-1].Arithmetic == p.Arithmetic {
		l = slices.Clone(l)
		l[n-1].Seconds += p.Seconds
		return l
	}
	return append(l[:len(l):len(l)], p)
}

// Differs says in what some process of the list differs from another one, "" where none does.
func (l List) Differs(now Process) string {
	for _, p := range l {
		if what := p.Differs(now); what != "" {
			return what
		}
	}
	return ""
}

// Mixed says which backends or arithmetics the list mixes, "" where all are the same.
func (l List) Mixed() string {
	var backends, numbers []string
	for _, p := range l {
		backends, numbers = append(backends, cmp.Or(p.Backend, Unknown)), append(numbers, cmp.Or(p.Arithmetic, Unknown))
	}
	var parts []string
	for _, c := range []struct {
		name string
		list []string
	}{{"backends", distinct(backends)}, {"arithmetics", distinct(numbers)}} {
		if len(c.list) > 1 {
			parts = append(parts, c.name+" "+strings.Join(c.list, ", "))
		}
	}
	return strings.Join(parts, " and ")
}

// Unknown stands for what an older version of vsim did not write.
const Unknown = "unknown"

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// String is the machine and the arithmetic in one line, for people.
func (p Process) String() string {
	parts := []string{cmp.Or(p.Backend, Unknown)}
	for _, part := range []string{p.Device, p.Build()} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(append(parts, "arithmetic "+cmp.Or(p.Arithmetic, Unknown)), ", ")
}

// Build is the revision in short, "" where it is not known.
func (m Machine) Build() string {
	switch {
	case m.Revision == "":
		return ""
	case m.Modified:
		return "vsim " + short(m.Revision) + ", modified"
	}
	return "vsim " + short(m.Revision)
}
