// SPDX-License-Identifier: Apache-2.0

package prediction

import (
	"fmt"
	"slices"

	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/text"
)

// What the ladder of notebook 09 should reach: the gain of its recipe over the base, and how far below the six members the model
// that they teach is at most.
const (
	ladderGain      = 0.02
	distilledWithin = 0.005
)

// ladder: notebook 09.
func ladder(t *results.Table) []prediction {
	var list []prediction
	last := slices.IndexFunc(t.Cells, func(c results.Cell) bool { return c.Label == study.Distilled })
	if last > 0 && t.Cells[last-1].Difference != nil {
		list = append(list, climbed(t, t.Cells[:last]))
	}
	if d := t.Compared(study.Distilled, study.SixTogether); d != nil {
		list = append(list, means(fmt.Sprintf("the distilled model is at most %.3f below the six that teach it", distilledWithin),
			d.Mean >= -distilledWithin, "the difference to them is "+report.WithBounds(d)))
	}
	return list
}

// climbed judges the gain of the last of some rungs by its interval where that is on one side of what was predicted, else by the
// mean.
func climbed(t *results.Table, rungs []results.Cell) prediction {
	best := rungs[len(rungs)-1]
	p := prediction{said: fmt.Sprintf("the last recipe without a teacher is at least %.2f above the base", ladderGain)}
	switch d := best.Difference; {
	case d.High < ladderGain:
		p.verdict = wrong
	case judge(results.Above, d.Verdict(t.Scale)) != holds:
		p.verdict = undecided
	case d.Low >= ladderGain:
		p.verdict = holds
	case d.Mean >= ladderGain:
		p.verdict = byMeans
	default:
		p.verdict = notByMeans
	}
	p.seen = written([]results.Cell{best})
	var cells []*results.Cell
	for i := range rungs {
		if rungs[i].Spearman == nil {
			return p
		}
		cells = append(cells, &rungs[i])
	}
	p.seen += "; from row to row the means change by " + allSigned(steps(cells))
	if paper := t.Find(study.AsPaper); paper != nil && paper.Label != best.Label {
		higher, n := best.Above(paper)
		p.seen += fmt.Sprintf("; the paper's own settings are “%s”, to which the difference is %s (higher under %d of %s)",
			report.EscapeMarkdown(string(paper.Label)), report.Signed(best.Spearman.Mean-paper.Spearman.Mean), higher, text.Count(n, "seed"))
	}
	return p
}
