// SPDX-License-Identifier: Apache-2.0

// Package studies has the studies of a notebook's workspace: named ones and grids of a reader's own, at the notebook's scale and
// with its settings; their plans, saved tables and files. It trains nothing and shows nothing.
package studies

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/grid"
	"vsim/vsimlib/study/table"
	"vsim/vsimlib/study/task"
	"vsim/vsimlib/workspace"
)

// Study is a study and its plan in a workspace.
type Study struct {
	workspace.Workspace
	Name string // of its results, such as epochs or ensemble-emoji
	Grid *study.Grid

	definition grid.Definition
	own        bool // not the named study of its name, as the paper's effects are tested with
}

// onEmoji ends the names of the results of studies on the shipped clips.
const onEmoji = "-emoji"

// Open plans a study. What the definition leaves open is as in named studies of this workspace: scale, settings, one seed at tiny.
func Open(w workspace.Workspace, d grid.Definition, backend string, large bool) (s Study, err error) {
	on := grid.On{Runs: w.Studies, Backend: backend, Emoji: w.Corpus, Large: large}
	d.Scale = w.Scale
	if err := absolute(&d.Corpus); err != nil {
		return s, err
	}
	usual := grid.Definition{Name: d.Name, Scale: w.Scale, Corpus: d.Corpus, Set: w.Settings()}
	d.Set = slices.Concat(w.Settings(), d.Set)
	if w.Scale == competition.ScaleTiny {
		usual.Seeds = []int64{1} // nothing is measured
		if len(d.Seeds) == 0 {
			d.Seeds = usual.Seeds
		}
	}
	s = Study{Workspace: w, Name: grid.Slug(d.Name), definition: d}
	if d.Corpus == grid.Emoji {
		s.Name += onEmoji
	}
	if s.Grid, err = d.Plan(on); err != nil {
		return s, err
	}
	named, err := usual.Build(on)
	if s.own = err != nil || !grid.Same(named, s.Grid.Study); s.own {
		s.Workspace = w.Apart()
	}
	return s, nil
}

// absolute makes the directory of a corpus one that is also found from elsewhere; names of corpora stay.
func absolute(corpus *string) (err error) {
	if *corpus != "" && *corpus != study.Controlled && *corpus != grid.Emoji {
		*corpus, err = filepath.Abs(*corpus)
	}
	return err
}

// Published reports whether this is the named study of its name, with which published effects are tested.
func (s Study) Published() bool { return !s.own }

// Command is the line that runs the study from a shell: of an own one, with its file.
func (s Study) Command() string {
	if s.own {
		command := "vsim study " + s.Relative(s.file())
		if s.Studies != filepath.Join(s.Root, "data", "runs") {
			command += " --runs " + s.Relative(s.Studies+string(filepath.Separator))
		}
		return strings.TrimSuffix(command, string(filepath.Separator))
	}
	command := "vsim study " + s.definition.Name
	if s.definition.Corpus == grid.Emoji {
		command += " --corpus emoji"
	}
	command += " --scale " + s.Scale
	for _, set := range s.definition.Set {
		command += " --set " + set
	}
	return command
}

// Missing says how to make a study that has not run.
func (s Study) Missing() string {
	how := fmt.Sprintf("`%s` runs it; then run this cell again.", s.Command())
	if s.own {
		how = "Run its cell with `nb.Study` or `nb.Grid` first."
	}
	return fmt.Sprintf("The study **%s** was not run at scale `%s`. %s", report.EscapeMarkdown(s.Name), s.Scale, how)
}

// file is that of an own study's definition, next to its table.
func (s Study) file() string { return s.ResultsFile("grid-" + s.Name) }

// Save writes the study's table, and of an own one that a file can hold its definition for a shell; the second value is whether it
// did. It returns the table's file.
func (s Study) Save(t *results.Table) (file string, shell bool, err error) {
	if file, err = report.WriteStudy(s.Results, workspace.StudyName(s.Name), t); err != nil || !s.own || !s.definition.Portable() {
		return file, false, err
	}
	return file, true, s.definition.Write(s.file())
}

// Table is the study's saved table and its file; nil where there is none. That of an own study is of these cells and seeds. A named
// study has another one's only where that is in the same folder, as at scale tiny, and then it is not taken.
func (s Study) Table() (*results.Table, string, error) {
	t, file, err := s.StudyTable(s.Name)
	if err != nil || t == nil {
		return t, file, err
	}
	own, defined, err := defined(s.Workspace, s.Name)
	if o := outlineOf(t); err != nil || s.own && !o.same(s.outline()) || !s.own && defined && o.same(own) {
		return nil, "", err
	}
	return t, file, nil
}

// Collect is the study's table without training, and its file where it was saved before; nil where there is none.
func (s Study) Collect() (*results.Table, string, error) {
	if !slices.ContainsFunc(s.Grid.Tasks, func(t *task.Task) bool { return !t.Done() }) {
		t, err := table.Collect(s.Grid)
		return t, "", err
	}
	before, file, err := s.Table()
	if err != nil || before != nil && before.FailedCells() == 0 {
		return before, file, err
	}
	if slices.ContainsFunc(s.Grid.Tasks, func(t *task.Task) bool { return t.Kind == task.Embed && t.Done() }) {
		t, err := table.Collect(s.Grid)
		if err != nil || t.Comparable() {
			return t, "", err
		}
	}
	return before, file, nil
}
