// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"slices"

	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
)

// Definition is a study as data, in the form of its file. Its cells are, in this order, Cells, a cell for each of Members, those of
// Times, and the product of Vary. Without any of these it is the named study of its name.
type Definition struct {
	Name     string        `json:"name"`               // of its files and figures; that of a named study gives base, question and axis
	Question string        `json:"question,omitempty"` // heads table and figures; "": the named study's, or else the name
	Scale    string        `json:"scale,omitempty"`    // tiny | demo | paper; "": tiny
	Corpus   string        `json:"corpus,omitempty"`   // controlled | emoji | directory; "": controlled
	Recipe   string        `json:"recipe,omitempty"`   // preset or file that all cells build on; "": that of corpus and scale
	Set      []string      `json:"set,omitempty"`      // "section.name=value" over it
	Seeds    []int64       `json:"seeds,omitempty"`    // none: those of the scale
	HeldOut  bool          `json:"held_out,omitempty"` // scores the held-out pairs of pairwise, not test_a
	Baseline results.Label `json:"baseline,omitempty"` // the cell that others are compared with; "": the one that is the base
	Axis     *results.Axis `json:"axis,omitempty"`     // of the figure; none: that of the setting that varies

	Cells   []Cell  `json:"cells,omitempty"`
	Members []int   `json:"members,omitempty"` // of the paper's six
	Times   []Along `json:"times,omitempty"`   // one setting at a time is multiplied
	Values  []Value `json:"values,omitempty"`  // of the one setting that the named study varies, and the base's value
	Vary    []Along `json:"vary,omitempty"`    // all combinations of these settings' values

	// Ensembles are widths of the embeddings that all sets of cells are joined to, falling; none: no sets.
	Ensembles []int `json:"ensembles,omitempty"`
}

// Cell is one recipe of the grid.
type Cell struct {
	Label    results.Label `json:"label"`
	Set      []string      `json:"set,omitempty"`      // "section.name=value" over the base
	Tune     []string      `json:"tune,omitempty"`     // "model.name=value" from finetuning on
	Member   int           `json:"member,omitempty"`   // one of the paper's six, from 1; 0: the base
	Teachers []int         `json:"teachers,omitempty"` // of the paper's six: their ensemble teaches the cell's finetuning
	Series   string        `json:"series,omitempty"`   // line of the figure that it is a point of
	X        *float64      `json:"x,omitempty"`        // on the axis; none: the value of the setting that varies

	// Change are what no file can hold, such as functions.
	Change []Changer `json:"-"`
}

// Changer changes a cell of a study: an option of a cell that is more than a setting, such as a function of the user's own.
type Changer interface {
	Change(c *study.Cell) error
}

// Along is a setting and the values, or with Times the factors, that it takes.
type Along struct {
	Setting string  `json:"setting"` // section.name
	Values  []Value `json:"values"`
}

// own reports whether d defines cells, and is not the named study.
func (d Definition) own() bool {
	return len(d.Cells)+len(d.Members)+len(d.Times)+len(d.Values)+len(d.Vary) > 0
}

// Portable reports whether a file can hold all of d: it cannot hold Go functions.
func (d Definition) Portable() bool {
	return !slices.ContainsFunc(d.Cells, func(c Cell) bool { return len(c.Change) > 0 })
}
