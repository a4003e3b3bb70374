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

// Difference is one part in which two processes differ.
type Difference struct{ Name, Was, Is string }

// String is "the backend go, not cpu".
func (d Difference) String() string { return fmt.Sprintf("the %s %s, not %s", d.Name, d.Was, d.Is) }

// Differs reports whether two processes compute something else: their backends or their arithmetics differ. A backend that is not
// known differs from none, for a process without a backend computes nothing.
func (p Process) Differs(now Process) (Difference, bool) {
	switch {
	case p.Backend != now.Backend && p.Backend != "" && now.Backend != "":
		return Difference{"backend", p.Backend, now.Backend}, true
	case p.Arithmetic != now.Arithmetic:
		return Difference{"arithmetic", cmp.Or(p.Arithmetic, Unknown), cmp.Or(now.Arithmetic, Unknown)}, true
	}
	return Difference{}, false
}

// Unlike reports whether two processes differ in what may change the last bits of a result: besides backend and arithmetic, the
// plugin, and the device or, where the processor is the device, its model and instruction set.
func (p Process) Unlike(other Process) (Difference, bool) {
	if d, ok := p.Differs(other); ok {
		return d, true
	}
	parts := []Difference{{"plugin", Short(p.Plugin), Short(other.Plugin)}}
	if p.Backend == "cpu" || p.Backend == "go" {
		parts = append(parts, Difference{"processor", p.CPU, other.CPU},
			Difference{"instruction set", p.InstructionSet, other.InstructionSet})
	} else {
		parts = append(parts, Difference{"device", p.Device, other.Device})
	}
	for _, d := range parts {
		if d.Was != d.Is {
			return d, true
		}
	}
	return Difference{}, false
}

// Short is the beginning of a hash, enough to distinguish a few.
func Short(hash string) string { return hash[:min(12, len(hash))] }

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

// Seconds are those of all processes.
func (l List) Seconds() (sum float64) {
	for _, p := range l {
		sum += p.Seconds
	}
	return sum
}

// Differs says in what the first process of the list that differs from another one does.
func (l List) Differs(now Process) (Difference, bool) {
	for _, p := range l {
		if d, ok := p.Differs(now); ok {
			return d, true
		}
	}
	return Difference{}, false
}

// Mixed says which backends or arithmetics the list mixes, "" where all are the same.
func (l List) Mixed() string {
	numbers := l.mixed("arithmetics", func(p Process) string { return p.Arithmetic })
	switch backends := l.MixedBackends(); {
	case backends == "":
		return numbers
	case numbers == "":
		return backends
	default:
		return backends + " and " + numbers
	}
}

// MixedBackends says which backends the list mixes, "" where all are the same.
func (l List) MixedBackends() string {
	return l.mixed("backends", func(p Process) string { return p.Backend })
}

// mixed lists the values of the processes after their name, "" where all are the same.
func (l List) mixed(name string, value func(Process) string) string {
	var list []string
	for _, p := range l {
		list = append(list, cmp.Or(value(p), Unknown))
	}
	slices.Sort(list)
	if list = slices.Compact(list); len(list) < 2 {
		return ""
	}
	return name + " " + strings.Join(list, ", ")
}

// Unknown stands for what an older version of vsim did not write.
const Unknown = "unknown"

// Build is the revision in short, "" where it is not known.
func (m Machine) Build() string {
	switch {
	case m.Revision == "":
		return ""
	case m.Modified:
		return "vsim " + Short(m.Revision) + ", modified"
	}
	return "vsim " + Short(m.Revision)
}
