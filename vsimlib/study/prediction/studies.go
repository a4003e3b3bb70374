// SPDX-License-Identifier: Apache-2.0

package prediction

import (
	"cmp"
	"fmt"
	"math"
	"slices"

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
	seen := fmt.Sprintf("in the means tags add %s to no pretraining, masked tokens %s to them, and masked frames %s",
		report.Signed(s[0]), report.Signed(s[1]), report.Signed(s[2]))
	var found []results.Verdict
	for _, c := range claims {
		found = append(found, c.Verdict)
	}
	return []prediction{
		{"each task adds something", judge(results.Above, found...), seen + "; the verdicts on the claims above are the reason"},
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
		most, decided, leaning := 0., 0, 0
		for _, c := range scaled {
			most = max(most, math.Abs(c.Difference.Mean))
			switch v := c.Difference.Verdict(t.Scale); {
			case v.Sign() != results.Open:
				decided++
			case v.Side() != results.Open:
				leaning++
			}
		}
		v := holds
		if most > *base.SD {
			v = undecided
			if decided > 0 {
				v = wrong
			}
		}
		list = append(list, prediction{"halving or doubling a weight changes less than the seeds' standard deviation", v,
			fmt.Sprintf("the largest of %s is %.4f, and the standard deviation of the baseline over seeds %.4f; %d of them are "+
				"decided, %d lean to one side", text.Count(len(scaled), "difference"), most, *base.SD, decided, leaning)})
	}
	return append(list, below(t, "turning the tags off, or weighting them with 1, costs most", study.LossOff("tag"),
		study.TagWeight(1)))
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
		v, seen := c.Difference.Verdict(t.Scale), written([]results.Cell{c})
		switch {
		case *c.X == 2**base.X:
			more.verdict, more.seen = judge(results.Above, v), seen
		case *c.X == *base.X/10:
			tenth.verdict, tenth.seen = judge(results.Below, v), seen
			switch {
			case c.Difference.Mean >= 0:
				if v.Sign() == results.Open {
					tenth.verdict = notByMeans
				}
				tenth.seen += ", so nothing of it is seen to be lost"
			case tenth.verdict == holds:
				tenth.verdict = pointing
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
		if c.Difference.Verdict(t.Scale).Sign() != results.Open {
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
		"%d of %s are decided, and they are from %s to %s", decided, text.Count(len(all), "difference"), report.Signed(slices.Min(all)),
		report.Signed(slices.Max(all)))}}
}
