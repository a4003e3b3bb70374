// SPDX-License-Identifier: Apache-2.0

package study

// Table is what a study found. It holds results only, no times and no places.
type Table struct {
	Study    string `json:"study"`
	Question string `json:"question"`
	Scale    string `json:"scale"`
	Corpus   string `json:"corpus"`
	Cells    []Row  `json:"cells"`
}

// Row is one cell.
type Row struct {
	Label  string     `json:"label"`
	Scores []*float64 `json:"scores"` // by seed; null where it failed
	Error  string     `json:"error,omitempty"`
}

// Collect makes the table of a grid whose tasks have come to their end.
func Collect(g *Grid) (*Table, error) {
	t := &Table{Study: g.Name, Question: g.Question, Scale: g.Scale, Corpus: g.source.describe()}
	for k, cell := range g.Cells {
		row := Row{Label: cell.Label}
		for i := range g.Seeds {
			test := g.chains[place{k, i}].test
			if !test.Done() {
				if b := g.blocked(test); b != nil {
					row.Error = b.Failure()
				}
				row.Scores = append(row.Scores, nil)
				continue
			}
			r, err := test.result()
			if err != nil {
				return nil, err
			}
			row.Scores = append(row.Scores, &r.Score.Spearman)
		}
		t.Cells = append(t.Cells, row)
	}
	return t, nil
}

// FailedCells is how many cells have a seed without a score.
func (t *Table) FailedCells() int {
	n := 0
	for _, c := range t.Cells {
		if c.Error != "" {
			n++
		}
	}
	return n
}
