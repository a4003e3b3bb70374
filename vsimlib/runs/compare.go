// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/report"
	"vsim/vsimlib/run"
	"vsim/vsimlib/text"
)

// Comparison is in what runs differ, and how their training went.
type Comparison struct {
	Runs    []Run        `json:"runs"`
	Differs []Difference `json:"differs"` // settings that the stages of all runs read, and all else that decides a run
	Curves  []Curve      `json:"curves"`  // of each loss and validation that at least one run logged
	// Same is the last step up to which all losses of the training steps are the same to the last bit; 0: none is.
	Same int `json:"same_losses_until"`
}

// Difference is one thing in which runs differ.
type Difference struct {
	Name   string   `json:"name"`   // section.name of a setting; stage, corpus, vocab, init; or a field of the provenance
	Values []string `json:"values"` // by run, "" where it is not known
}

// Compare reads runs, two or more, and compares them.
func Compare(dirs ...run.Dir) (Comparison, error) {
	var c Comparison
	if len(dirs) < 2 {
		return c, errors.New("give two runs or more to compare")
	}
	var logs [][]map[string]any
	for _, dir := range dirs {
		r, err := Read(filepath.Clean(string(dir)))
		if errors.Is(err, fs.ErrNotExist) && !jsonfile.Exists(dir.Identity()) {
			return c, fmt.Errorf("%s: is no run of vsim; `vsim runs DIR`, in a notebook nb.Runs(), lists those below a folder", dir)
		}
		if err != nil {
			return c, err
		}
		lines, err := run.ReadMetrics(dir.Metrics())
		if err != nil && (r.Step > 0 || !errors.Is(err, fs.ErrNotExist)) { // a run without a step may have no log yet
			return c, err
		}
		c.Runs, logs = append(c.Runs, r), append(logs, lines)
	}
	c.Differs = differences(c.Runs)
	c.Curves, c.Same = curves(logs), sameUntil(logs)
	return c, nil
}

// aspects are what runs may differ in besides settings.
var aspects = []struct {
	name  string
	value func(Run) string
}{
	{"stage", func(r Run) string { return r.Stage }},
	{"corpus", func(r Run) string { return provenance.Short(r.identity.Corpus) }},
	{"vocab", func(r Run) string { return provenance.Short(r.identity.Vocab) }},
	{"init", func(r Run) string { return provenance.Short(r.Init) }},
	{"backend", by(func(p provenance.Process) string { return p.Backend })},
	{"plugin", by(func(p provenance.Process) string { return provenance.Short(p.Plugin) })},
	{"device", by(func(p provenance.Process) string { return p.Device })},
	{"cpu", by(func(p provenance.Process) string { return p.CPU })},
	{"instruction_set", by(func(p provenance.Process) string { return p.InstructionSet })},
	{"arithmetic", by(func(p provenance.Process) string { return p.Arithmetic })},
	{"revision", by(func(p provenance.Process) string { return provenance.Short(p.Revision) })},
	{"go", by(func(p provenance.Process) string { return p.Go })},
}

// by returns what the processes of a run have of a field, each value once.
func by(field func(provenance.Process) string) func(Run) string {
	return func(r Run) string {
		var values []string
		for _, p := range r.made {
			if v := field(p); v != "" && !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
		return strings.Join(values, ", ")
	}
}

// differences are all in which runs differ: of the settings those that the stages of all read.
func differences(list []Run) []Difference {
	found := []Difference{}
	add := func(name string, value func(Run) string) {
		var values []string
		for _, r := range list {
			values = append(values, value(r))
		}
		if slices.ContainsFunc(values, func(v string) bool { return v != values[0] }) {
			found = append(found, Difference{name, values})
		}
	}
	add(aspects[0].name, aspects[0].value)
	for i, a := range list[0].values {
		if !slices.ContainsFunc(list, func(r Run) bool { return !r.reads(a.Name) }) {
			add(a.Name, func(r Run) string { return cmp.Or(r.values[i].Value, `""`) })
		}
	}
	for _, a := range aspects[1:] {
		add(a.name, a.value)
	}
	return found
}

// Names are short names of the runs, each once: the ends of their paths.
func (c Comparison) Names() []string {
	var dirs []string
	for _, r := range c.Runs {
		dirs = append(dirs, r.Dir)
	}
	return run.Names(dirs)
}

// FigureName is a name for a figure of the runs.
func (c Comparison) FigureName() string {
	return "runs_" + strings.ReplaceAll(strings.Join(c.Names(), "_"), string(filepath.Separator), "-")
}

// Table is what differs, a column a run.
func (c Comparison) Table() report.Table {
	t := report.Table{Header: append([]string{"differs"}, c.Names()...)}
	row := func(name string, values func(i int) string) {
		cells := []report.Cell{report.Words(name)}
		for i := range c.Runs {
			cells = append(cells, report.Words(values(i)))
		}
		t.Rows = append(t.Rows, cells)
	}
	for _, d := range c.Differs {
		row(d.Name, func(i int) string { return d.Values[i] })
	}
	row("state", func(i int) string { return c.Runs[i].Summary() })
	row("steps", func(i int) string { return c.Runs[i].progress() })
	row("time", func(i int) string { return c.Runs[i].took() })
	row("size", func(i int) string { return text.Bytes(c.Runs[i].Bytes) })
	return t
}
