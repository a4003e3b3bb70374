// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"vsim/vsimlib/report"
	"vsim/vsimlib/text"
)

// shown is how many settings of a run a table shows.
const shown = 4

// Table is the runs as a table for people, their paths below the listing's directory.
func (l Listing) Table() report.Table {
	t := report.Table{Header: []string{"run", "stage", "state", "step", "score", "time", "size", "recipe"}}
	for _, r := range l.Runs {
		t.Rows = append(t.Rows, []report.Cell{report.Words(l.name(r.Dir)), report.Words(r.Stage), report.Words(r.Summary()),
			report.Number(r.progress()), report.Words(r.scored()), report.Number(r.took()), report.Number(text.Bytes(r.Bytes)),
			report.Words(r.Recipe(shown))})
	}
	return t
}

// name is a path below the listing's directory.
func (l Listing) name(dir string) string {
	if name, err := filepath.Rel(l.Dir, dir); err == nil && name != "." && l.Dir != "" {
		return name
	}
	return dir
}

// progress is the steps done, of all of them where that is known.
func (r Run) progress() string {
	if r.Steps == nil {
		return strconv.Itoa(r.Step)
	}
	return fmt.Sprintf("%d/%d", r.Step, *r.Steps)
}

// scored is the score with its split, and those that a study found.
func (r Run) scored() string {
	name, v, ok := r.Score()
	if !ok {
		return ""
	}
	words := name + " " + report.Rounded(v)
	if r.Split != "" {
		words += " (" + r.Split + ")"
	}
	for _, name := range scoreNames([]Run{r}) {
		if part, is := strings.CutSuffix(name, "_spearman"); is && part != "val" {
			words += ", " + part + " " + report.Rounded(r.Scores[name])
		}
	}
	return words
}

// took is the time of the run, "" where it is not known.
func (r Run) took() string {
	if r.Seconds == 0 {
		return ""
	}
	return text.Duration(time.Duration(r.Seconds * float64(time.Second)))
}

// Caption counts the runs by state and adds up their sizes.
func (l Listing) Caption() string {
	counts, size := map[State]int{}, int64(0)
	for _, r := range l.Runs {
		counts[r.State]++
		size += r.Bytes
	}
	var parts []string
	for _, s := range States() {
		if n := counts[State(s)]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(parts) == 0 {
		return "no runs"
	}
	return fmt.Sprintf("%s: %s; %s", text.Count(len(l.Runs), "run"), strings.Join(parts, ", "), text.Bytes(size))
}

// Notes are lines about runs with problems and about what was passed over: one for each run that cannot be read, and one for all
// directories without a training.
func (l Listing) Notes() (lines []string) {
	for _, r := range l.Runs {
		if len(r.Problems) > 0 {
			lines = append(lines, fmt.Sprintf("%s: %s", l.name(r.Dir), strings.TrimPrefix(r.Problems[0], r.Dir+"/")))
		}
	}
	var foreign []string
	for _, p := range l.Passed {
		if p.Foreign {
			foreign = append(foreign, l.name(p.Dir))
			continue
		}
		lines = append(lines, fmt.Sprintf("passed over %s: %s", l.name(p.Dir), strings.TrimPrefix(p.Why, p.Dir+": ")))
	}
	if len(foreign) > 0 {
		lines = append(lines, "no training in "+text.Few(foreign, 5))
	}
	return lines
}

// Columns is the runs as the rows of a CSV under a header: all keys, all scores and the settings that differ.
func (l Listing) Columns() [][]string {
	names := slices.Concat(keys, scoreNames(l.Runs))
	rows := [][]string{append(slices.Clone(names), "settings")}
	for _, r := range l.Runs {
		var row []string
		for _, name := range names {
			row = append(row, r.value(name))
		}
		rows = append(rows, append(row, strings.Join(r.Settings, " ")))
	}
	return rows
}
