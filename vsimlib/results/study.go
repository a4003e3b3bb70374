// SPDX-License-Identifier: Apache-2.0

package results

import (
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/recipe"
)

// Table is what a study found: the scores of its cells. It holds neither times nor paths, so that it is the same bytes however the
// work was interrupted or distributed.
type Table struct {
	Study       string         `json:"study"`
	Question    string         `json:"question"`
	Scale       string         `json:"scale"`
	Corpus      string         `json:"corpus"` // its name, a colon, and its sizes
	Scored      Scored         `json:"scored"`
	Seeds       []int64        `json:"seeds"`
	Baseline    Label          `json:"baseline"` // the cell that the others are compared with
	Intervals   Intervals      `json:"intervals"`
	Axis        *Axis          `json:"axis,omitempty"`
	Baselines   []Baseline     `json:"baselines,omitempty"` // scores of the same pairs without a model
	Cells       []Cell         `json:"cells"`
	Ensembles   *EnsembleTable `json:"ensembles,omitempty"`
	Comparisons []Comparison   `json:"comparisons,omitempty"` // that published claims make, beside those to the baseline
	Base        recipe.Recipe  `json:"base"`                  // what every cell builds on; seeds are the table's
	Computed    []Computed     `json:"computed,omitempty"`
	Mixed       string         `json:"mixed,omitempty"` // which backends the runs mix, or arithmetics one run
}

// Computed is a machine that runs of a study were computed by.
type Computed struct {
	provenance.Machine
	Arithmetic []string `json:"arithmetic"` // numbers of what it computed, sorted
}

// Scored is what the scores are of.
type Scored struct {
	Metric string `json:"metric"`
	Part   string `json:"part"`
	Pairs  int    `json:"pairs"`
}

// Intervals is how the table's intervals are made.
type Intervals struct {
	Level  float64 `json:"level"`
	Method string  `json:"method"`
}

// Axis is that of the study's figure. A study without one has cells without an order.
type Axis struct {
	Label string `json:"label"`
	Log   bool   `json:"log,omitempty"`
	Even  bool   `json:"even,omitempty"` // its values are drawn at equal distances
}

// FailedCells counts the cells that lack a score under some seed.
func (t *Table) FailedCells() int {
	n := 0
	for _, c := range t.Cells {
		if len(c.Errors) > 0 {
			n++
		}
	}
	return n
}

// Rows are the cells, and behind them the ways of joining all members where the study has ensembles.
func (t *Table) Rows() []Cell {
	if t.Ensembles == nil {
		return t.Cells
	}
	return append(append([]Cell(nil), t.Cells...), t.Ensembles.Joined...)
}

// Differences are all comparisons of the table: of the rows to the baseline, and those that claims make.
func (t *Table) Differences() []*Estimate {
	var list []*Estimate
	for _, c := range t.Rows() {
		if c.Difference != nil {
			list = append(list, c.Difference)
		}
	}
	for i := range t.Comparisons {
		list = append(list, &t.Comparisons[i].Difference)
	}
	return list
}

// Compared is the difference of two rows, where the table has it; nil otherwise.
func (t *Table) Compared(higher, lower Label) *Estimate {
	if c := t.Find(higher); lower == t.Baseline && c != nil {
		return c.Difference
	}
	if c := t.Find(lower); higher == t.Baseline && c != nil && c.Difference != nil {
		return new(c.Difference.Negative())
	}
	for _, c := range t.Comparisons {
		if c.Higher == higher && c.Lower == lower {
			return &c.Difference
		}
	}
	return nil
}

// Find returns the cell with a label, among the joined ones too; nil where there is none.
func (t *Table) Find(label Label) *Cell {
	rows := t.Rows()
	for i := range rows {
		if rows[i].Label == label {
			return &rows[i]
		}
	}
	return nil
}

// Comparable reports whether the baseline, another cell and half of all cells have a score, so that an unfinished study says
// something.
func (t *Table) Comparable() bool {
	scored := 0
	for _, c := range t.Cells {
		if c.Spearman != nil {
			scored++
		} else if c.Label == t.Baseline {
			return false
		}
	}
	return scored > 1 && 2*scored >= len(t.Cells)
}
