// SPDX-License-Identifier: Apache-2.0

package prediction

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/text"
)

// tasks: notebook 09.
func tasks(t *results.Table, claims []results.Claim) []prediction {
	var cells []*results.Cell
	for _, label := range []results.Label{study.NoPretraining, study.TagAlone, study.TagMLM, study.AllTasks} {
		c := t.Find(label)
		if c == nil || c.Spearman == nil {
			return nil
		}
		cells = append(cells, c)
	}
	s := steps(cells)
	seen := fmt.Sprintf("in the means tags add %s to no pretraining, masked tokens %s to them, and masked frames %s", signed(s[0]),
		signed(s[1]), signed(s[2]))
	v := holds
	for _, c := range claims {
		switch word := string(c.Verdict); {
		case strings.HasPrefix(word, "does not hold"):
			v = wrong
		case !strings.HasPrefix(word, "holds") && v == holds:
			v = undecided
		}
	}
	return []prediction{
		{"each task adds something", v, seen + "; the verdicts on the claims above are the reason"},
		means("the step from no pretraining to the first task is the largest", s[0] >= slices.Max(s), allSigned(s)),
	}
}

// epochs: notebook 07.
func epochs(t *results.Table) []prediction {
	var cells []*results.Cell
	for i := range t.Cells {
		if c := &t.Cells[i]; c.Spearman != nil && c.X != nil {
			cells = append(cells, c)
		}
	}
	if len(cells) < 3 {
		return nil
	}
	slices.SortFunc(cells, func(a, b *results.Cell) int { return cmp.Compare(*a.X, *b.X) })
	s := steps(cells)
	later := s[1:]
	falling := slices.IsSortedFunc(later, func(a, b float64) int { return cmp.Compare(b, a) }) && later[len(later)-1] > 0
	from := report.EscapeMarkdown(string(cells[1].Label))
	return []prediction{
		means("the first epochs bring most", s[0] >= slices.Max(s), "the steps of the means are "+allSigned(s)),
		means("then the score rises with every doubling, by less each time", falling, "from "+from+" on they are "+allSigned(later)),
	}
}

// lossWeights: notebook 06.
func lossWeights(t *results.Table) []prediction {
	var list []prediction
	scaled := differences(t, study.LossHalf("tag"), study.LossDouble("tag"), study.LossHalf("mlm"), study.LossDouble("mlm"),
		study.LossHalf("mfm"), study.LossDouble("mfm"))
	if base := t.Find(t.Baseline); base != nil && base.SD != nil && len(scaled) > 0 {
		most, decided := 0., 0
		for _, c := range scaled {
			most = max(most, math.Abs(c.Difference.Mean))
			if side(c.Difference) != 0 {
				decided++
			}
		}
		v := holds
		if most > *base.SD {
			v = undecided
			if decided > 0 {
				v = wrong
			}
		}
		list = append(list, prediction{"halving and doubling a weight has little effect", v, fmt.Sprintf(
			"the largest of %s is %.4f, and the standard deviation of the baseline over seeds %.4f; %d of them are decided",
			text.Count(len(scaled), "difference"), most, *base.SD, decided)})
	}
	costly := differences(t, study.LossOff("tag"), study.TagWeight(1))
	if len(costly) == 0 {
		return list
	}
	v := holds
	for _, c := range costly {
		switch side(c.Difference) {
		case 1:
			v = wrong
		case 0:
			if v == holds {
				v = undecided
			}
		}
	}
	return append(list, prediction{"turning the tags off, or weighting them with 1, costs most", v, written(costly)})
}

// corpusSize: notebook 09.
func corpusSize(t *results.Table) []prediction {
	base := t.Find(t.Baseline)
	if base == nil || base.X == nil {
		return nil
	}
	more := prediction{said: "more videos, and so more steps, help"}
	tenth := prediction{said: "on a tenth of the videos most of the gain of pretraining is gone"}
	for _, c := range t.Cells {
		if c.Difference == nil || c.X == nil {
			continue
		}
		at := side(c.Difference)
		switch {
		case *c.X == 2**base.X:
			more.verdict, more.seen = []verdict{wrong, undecided, holds}[at+1], written([]results.Cell{c})
		case *c.X == *base.X/10:
			tenth.verdict, tenth.seen = []verdict{pointing, undecided, wrong}[at+1], written([]results.Cell{c})
			if c.Difference.Mean >= 0 {
				tenth.verdict = wrong
				tenth.seen += ", so nothing of it is seen to be lost"
			}
		}
	}
	return []prediction{more, tenth}
}

// others: notebook 09.
func others(t *results.Table) []prediction {
	var all []float64
	decided := 0
	for _, c := range t.Cells {
		if c.Difference == nil {
			continue
		}
		all = append(all, c.Difference.Mean)
		if side(c.Difference) != 0 {
			decided++
		}
	}
	if len(all) == 0 {
		return nil
	}
	v := holds
	if decided > 0 {
		v = wrong
	}
	return []prediction{{"the effects are of a few thousandths, less than a few seeds can show", v, fmt.Sprintf(
		"%d of %s are decided, and they are from %s to %s", decided, text.Count(len(all), "difference"), signed(slices.Min(all)),
		signed(slices.Max(all)))}}
}
