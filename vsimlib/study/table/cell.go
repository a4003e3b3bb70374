// SPDX-License-Identifier: Apache-2.0

package table

import (
	"vsim/vsimlib/confidence"
	"vsim/vsimlib/results"
)

// fill sets what a row's scores say. baseline has the scores of the baseline; nil: the row is the baseline.
func fill(r *results.Cell, cell, baseline []*scored, pairs *confidence.Pairs) {
	for _, s := range cell {
		if s == nil {
			r.Scores = append(r.Scores, nil)
			continue
		}
		r.Scores = append(r.Scores, new(round(s.rho)))
	}
	r.Spearman, r.SD = scoreOf(cell, pairs), spread(cell)
	if baseline != nil {
		r.Difference = comparisonOf(cell, baseline, pairs)
	}
}
