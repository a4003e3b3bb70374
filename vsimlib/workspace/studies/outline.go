// SPDX-License-Identifier: Apache-2.0

package studies

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/grid"
	"vsim/vsimlib/text"
	"vsim/vsimlib/workspace"
)

// outline is what a study and its table have in common: a table with another one belongs to a different study, whatever its name.
type outline struct {
	Scale    string        `json:"scale"`
	Corpus   string        `json:"corpus"`
	Scored   string        `json:"scored"`
	Seeds    []int64       `json:"seeds"`
	Baseline results.Label `json:"baseline"`
	Cells    []cell        `json:"cells"`
	Base     recipe.Recipe `json:"base"`
}

// cell is a cell and what it changes of the base, in the words of tables.
type cell struct {
	Label    results.Label `json:"label"`
	Settings []string      `json:"settings,omitempty"`
}

func (s Study) outline() outline {
	g := s.Grid
	o := outline{g.Scale, g.Corpus(), g.Scored(), g.Seeds, g.Baseline, nil, g.Base}
	for _, c := range g.Cells {
		o.Cells = append(o.Cells, cell{c.Label, c.Settings()})
	}
	return o
}

func outlineOf(t *results.Table) outline {
	o := outline{t.Scale, t.Corpus, t.Scored.Part, t.Seeds, t.Baseline, nil, t.Base}
	for _, c := range t.Cells {
		o.Cells = append(o.Cells, cell{c.Label, c.Settings})
	}
	return o
}

// beyond is what o has and the other has not, in words; "" where that is nothing.
func (o outline) beyond(other outline) string {
	var list []string
	settings := map[results.Label][]string{} // of the other's cells
	for _, c := range other.Cells {
		settings[c.Label] = c.Settings
	}
	for _, c := range o.Cells {
		if others, is := settings[c.Label]; !is || !slices.Equal(others, c.Settings) {
			one := "“" + string(c.Label) + "”"
			if len(c.Settings) > 0 {
				one += " (" + strings.Join(c.Settings, ", ") + ")"
			}
			list = append(list, one)
		}
	}
	if !slices.Equal(o.Seeds, other.Seeds) {
		list = append(list, "seeds "+strings.Trim(fmt.Sprint(o.Seeds), "[]"))
	}
	for _, part := range [][3]string{{"scale", o.Scale, other.Scale}, {"corpus", o.Corpus, other.Corpus},
		{"scores of", o.Scored, other.Scored}, {"baseline", string(o.Baseline), string(other.Baseline)}} {
		if part[1] != part[2] {
			list = append(list, part[0]+" "+part[1])
		}
	}
	for _, d := range o.Base.Diff(other.Base) {
		list = append(list, d.Name+"="+d.Was)
	}
	return text.Few(list, 6)
}

// same reports whether both are of one study.
func (o outline) same(other outline) bool { return o.beyond(other) == "" && other.beyond(o) == "" }

// definedName is the results file with the outline that a cell last defined under a name.
func definedName(name string) string { return "defined-" + name }

// Define saves the outline of an own study before it runs, so that by its name alone a table of other cells is not taken for its.
func (s Study) Define() error {
	if !s.own {
		return nil
	}
	return s.WriteResults(definedName(s.Name), s.outline())
}

// defined is the outline of the own study that a cell last defined under a name, and whether there is one.
func defined(w workspace.Workspace, name string) (o outline, is bool, err error) {
	err = w.ReadResults(definedName(name), &o)
	if errors.Is(err, fs.ErrNotExist) {
		return o, false, nil
	}
	return o, err == nil, err
}

// Saved is the saved table of an own grid of a name, on whatever corpus; nil for named studies. Where the table is not of the cells
// that were last defined under its name, note says what each has. No such table is an error that lists those there are.
func Saved(w workspace.Workspace, given string) (t *results.Table, note string, err error) {
	w, name := w.Apart(), grid.Slug(given)
	if slices.Contains(study.Names(), name) {
		return nil, "", nil
	}
	if t, _, err = w.StudyTable(name); t == nil && err == nil {
		name += onEmoji
		t, _, err = w.StudyTable(name)
	}
	if err != nil {
		return nil, "", err
	}
	if t == nil {
		return nil, "", fmt.Errorf("no table of a study %q is saved: run the cell of its grid first; %s", given,
			text.Known(grid.Slug(given), append(savedTables(w), study.Names()...)))
	}
	if asked, is, err := defined(w, name); err != nil || is {
		return t, outlineOf(t).note(name, asked), err
	}
	return t, "", nil
}

// note says in what the saved table of a study, o, is not of what was asked for; "" where it is.
func (o outline) note(name string, asked outline) string {
	if o.same(asked) {
		return ""
	}
	had, want := o.beyond(asked), asked.beyond(o)
	words := fmt.Sprintf("The saved table of **%s** is not of the cells that were last defined under this name.",
		report.EscapeMarkdown(name))
	if had != "" {
		words += " Only the table has " + report.EscapeMarkdown(had) + "."
	}
	if want != "" {
		words += " Only the definition has " + report.EscapeMarkdown(want) + "."
	}
	return words + " Run the grid's cell to its end, then this one again."
}

// savedTables lists the studies of which tables are saved in a workspace's folder of results.
func savedTables(w workspace.Workspace) (names []string) {
	files, _ := filepath.Glob(w.ResultsFile(workspace.StudyName("*")))
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), workspace.StudyName("")), ".json")
		if name != "claims" && !slices.Contains(study.Names(), name) { // study-claims has the verdicts on all of them
			names = append(names, name)
		}
	}
	return names
}
