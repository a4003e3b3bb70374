// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math"

	"vsim/vsimlib/results"
)

// fill sets what a row's scores say. baseline has the scores of the baseline.
func fill(r *results.Cell, cell, baseline []scores, same bool) {
	for _, s := range cell {
		if s == nil {
			r.Scores = append(r.Scores, nil)
			continue
		}
		r.Scores = append(r.Scores, new(round(s[0])))
	}
	r.Spearman, r.SD = rounded(cellEstimate(cell)), spread(cell)
	if r.SD != nil {
		*r.SD = round(*r.SD)
	}
	if !same {
		r.Difference = rounded(difference(cell, baseline))
	}
}

// round keeps six digits: more say nothing.
func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }

func rounded(e *results.Estimate) *results.Estimate {
	if e == nil {
		return nil
	}
	return &results.Estimate{Mean: round(e.Mean), Low: round(e.Low), High: round(e.High), Seeds: e.Seeds}
}
