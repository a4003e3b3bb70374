// SPDX-License-Identifier: Apache-2.0

package results

// Label names a cell of a study, and a row of its table. A claim names two of them.
type Label string

// Cell is one setting of what the study varies, and its scores.
type Cell struct {
	Label      Label      `json:"label"`
	Series     string     `json:"series,omitempty"`
	X          *float64   `json:"x,omitempty"`        // on the axis
	Settings   []string   `json:"settings,omitempty"` // over the base
	Scores     []*float64 `json:"scores"`             // by seed; null where it failed
	SD         *float64   `json:"sd"`                 // over seeds, with n-1
	Spearman   *Estimate  `json:"spearman"`           // null where no seed has a score
	Difference *Estimate  `json:"difference"`         // to the baseline under the same seed; null for itself
	Published  *Published `json:"published,omitempty"`
	Errors     []Failure  `json:"errors,omitempty"`
}

// Above counts the seeds under which both cells have scores, and those of them under which c scores higher.
func (c *Cell) Above(other *Cell) (higher, both int) {
	for i, s := range c.Scores {
		if i < len(other.Scores) && s != nil && other.Scores[i] != nil {
			both++
			if *s > *other.Scores[i] {
				higher++
			}
		}
	}
	return higher, both
}

// Estimate is a mean over seeds and its interval.
type Estimate struct {
	Mean  float64  `json:"mean"`
	Low   float64  `json:"low"`
	High  float64  `json:"high"`
	Seeds int      `json:"seeds"`
	P     *float64 `json:"p,omitempty"`      // of a difference: two-sided, alone; null for one seed
	Holm  *float64 `json:"p_holm,omitempty"` // corrected for all comparisons of the table
	Ten   *float64 `json:"p_ten,omitempty"`  // of fewer than ten seeds: p expected of ten if the mean and its errors stay
}

// Comparison is the difference between two cells neither of which is the baseline.
type Comparison struct {
	Higher     Label    `json:"higher"`
	Lower      Label    `json:"lower"`
	Difference Estimate `json:"difference"`
}

// Published is a figure of the literature that a cell is compared with. It belongs to a different corpus: the order of cells may be
// compared, not the digits.
type Published struct {
	Spearman float64 `json:"spearman"`
	SD       float64 `json:"sd,omitempty"` // over five folds
	MSE      float64 `json:"mse,omitempty"`
	Where    string  `json:"where"`
}

// Failure is why a cell has no score under a seed.
type Failure struct {
	Seed  int64  `json:"seed"`
	Task  string `json:"task"` // kind of the task that failed
	Error string `json:"error"`
}
