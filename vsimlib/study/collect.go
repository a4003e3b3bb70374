// SPDX-License-Identifier: Apache-2.0

package study

import (
	"math"
	"slices"

	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/recipe"
)

// Table is what a study found. It holds results only, no times and no places, so that it is the same bytes whatever happened on the way.
type Table struct {
	Study     string        `json:"study"`
	Question  string        `json:"question"`
	Scale     string        `json:"scale"`
	Corpus    string        `json:"corpus"`
	Scored    Scored        `json:"scored"`
	Seeds     []int64       `json:"seeds"`
	Baseline  string        `json:"baseline"`
	Intervals Intervals     `json:"intervals"`
	Axis      *Axis         `json:"axis,omitempty"`
	Cells     []Row         `json:"cells"`
	Ensembles *Ensembles    `json:"ensembles,omitempty"`
	Base      recipe.Recipe `json:"base"` // what every cell builds on; seeds are the table's
}

// Scored is what the scores are of.
type Scored struct {
	Metric string `json:"metric"`
	Part   string `json:"part"`
	Pairs  int    `json:"pairs"`
}

// Intervals says how the table's intervals are made.
type Intervals struct {
	Level  float64 `json:"level"`
	Draws  int     `json:"draws"`
	Method string  `json:"method"`
}

// Row is one cell.
type Row struct {
	Label      string     `json:"label"`
	Series     string     `json:"series,omitempty"`
	X          *float64   `json:"x,omitempty"`
	Settings   []string   `json:"settings,omitempty"` // over the base
	Scores     []*float64 `json:"scores"`             // by seed; null where it failed
	SD         *float64   `json:"sd"`                 // over seeds, with n-1
	Mean       *Estimate  `json:"spearman"`
	Difference *Estimate  `json:"difference"` // to the baseline under the same seed; null for itself
	Published  *Published `json:"published,omitempty"`
	Errors     []Failure  `json:"errors,omitempty"`
}

// Failure is why a cell has no score under a seed.
type Failure struct {
	Seed  int64  `json:"seed"`
	Task  Kind   `json:"task"`
	Error string `json:"error"`
}

// Collect makes the table of a grid whose tasks have come to their end.
func Collect(g *Grid) (*Table, error) {
	t := &Table{Study: g.Name, Question: g.Question, Scale: g.Scale, Corpus: g.source.describe(), Seeds: g.Seeds, Baseline: g.Baseline, Base: g.Base,
		Scored: Scored{"spearman", g.source.part(), 0}, Intervals: Intervals{level, draws, method}}
	if g.Axis.Label != "" {
		t.Axis = &g.Axis
	}
	c, err := g.compare()
	if err != nil {
		return nil, err
	}
	t.Scored.Pairs = len(c.labels)
	baseline := slices.IndexFunc(g.Cells, func(cell Cell) bool { return cell.Label == g.Baseline })
	for k, cell := range g.Cells {
		row := Row{Label: cell.Label, Series: cell.Series, Settings: cell.settings(), Published: cell.Published, Errors: g.failures(k)}
		if t.Axis != nil {
			row.X = &cell.X
		}
		row.fill(c.cells[k], c.cells[baseline], k == baseline)
		t.Cells = append(t.Cells, row)
	}
	if len(g.Dims) > 0 {
		if t.Ensembles, err = g.tableEnsembles(c, c.cells[baseline]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// settings are those of the cell over the base, in words.
func (c Cell) settings() []string {
	var list []string
	if c.Member > 0 {
		list = append(list, memberLabel(c.Member)+" of six")
	}
	list = append(list, c.Set...)
	for _, s := range c.Tune {
		list = append(list, s+" from finetuning on")
	}
	return list
}

// fill sets what a row's scores say. baseline has the scores of the baseline.
func (r *Row) fill(cell, baseline []scores, same bool) {
	for _, s := range cell {
		if s == nil {
			r.Scores = append(r.Scores, nil)
			continue
		}
		r.Scores = append(r.Scores, new(round(s[0])))
	}
	r.Mean, r.SD = cellEstimate(cell).rounded(), spread(cell)
	if r.SD != nil {
		*r.SD = round(*r.SD)
	}
	if !same {
		r.Difference = difference(cell, baseline).rounded()
	}
}

// round keeps six digits: more say nothing.
func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }

func (e *Estimate) rounded() *Estimate {
	if e == nil {
		return nil
	}
	return &Estimate{round(e.Mean), round(e.Low), round(e.High), e.Seeds}
}

// failures are those of a cell, by seed.
func (g *Grid) failures(cell int) []Failure {
	var list []Failure
	for i, seed := range g.Seeds {
		test := g.chains[place{cell, i}].test
		if test.Done() {
			continue
		}
		f := Failure{Seed: seed, Task: test.Kind, Error: "not done"}
		if b := g.blocked(test); b != nil {
			f.Task, f.Error = b.Kind, b.Failure()
		}
		list = append(list, f)
	}
	return list
}

// FailedCells is how many cells lack a score under some seed.
func (t *Table) FailedCells() int {
	n := 0
	for _, c := range t.Cells {
		if len(c.Errors) > 0 {
			n++
		}
	}
	return n
}

// comparison is what all models of a grid say of the pairs.
type comparison struct {
	labels  []float64
	cosines map[place][]float64
	cells   [][]scores // by cell and seed
}

// compare scores the models of every cell and seed on the pairs and their resamples.
func (g *Grid) compare() (*comparison, error) {
	c := &comparison{cosines: map[place][]float64{}}
	var flat [][]float64
	for k := range g.Cells {
		for i := range g.Seeds {
			test := g.chains[place{k, i}].test
			if !test.Done() {
				flat = append(flat, nil)
				continue
			}
			pairs, err := test.Embed.pairs()
			if err != nil {
				return nil, err
			}
			set, err := test.embeddings()
			if err != nil {
				return nil, err
			}
			cosines, err := evaluate.Cosines(set, pairs)
			if err != nil {
				return nil, err
			}
			if c.labels == nil {
				for _, p := range pairs {
					c.labels = append(c.labels, p.Score)
				}
			}
			c.cosines[place{k, i}] = cosines
			flat = append(flat, cosines)
		}
	}
	all, err := resample(flat, c.labels)
	if err != nil {
		return nil, err
	}
	for k := range g.Cells {
		c.cells = append(c.cells, all[k*len(g.Seeds):(k+1)*len(g.Seeds)])
	}
	return c, nil
}
