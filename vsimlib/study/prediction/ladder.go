// SPDX-License-Identifier: Apache-2.0

package prediction

import (
	"fmt"
	"slices"

	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
)

// What the ladder of notebook 09 should reach: the gain of its recipe over the paper's settings, and how far below the six members
// the model that they teach is at most.
const (
	ladderGain      = 0.02
	distilledWithin = 0.005
)

// ladder: notebook 09.
func ladder(t *results.Table) []prediction {
	var list []prediction
	last := slices.IndexFunc(t.Cells, func(c results.Cell) bool { return c.Label == study.Distilled })
	if last > 0 && t.Cells[last-1].Difference != nil {
		best := t.Cells[last-1]
		v := judge(results.Above, best.Difference.Verdict(t.Scale).Sign())
		if v == holds && best.Difference.Mean < ladderGain {
			v = wrong
		}
		list = append(list, prediction{fmt.Sprintf("the last recipe without a teacher is at least %.2f above the paper's settings",
			ladderGain), v, written([]results.Cell{best})})
	}
	if d := t.Compared(study.Distilled, study.SixTogether); d != nil {
		list = append(list, means(fmt.Sprintf("the distilled model is at most %.3f below the six that teach it", distilledWithin),
			d.Mean >= -distilledWithin, "the difference to them is "+report.WithBounds(d)))
	}
	return list
}
