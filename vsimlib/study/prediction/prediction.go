// SPDX-License-Identifier: Apache-2.0

// Package prediction has what the notebooks predict of the studies, and words the verdicts from the results. A difference to the
// baseline has the verdict of the study's table; an order of means is judged by the means alone, and the words say so.
package prediction

import (
	"fmt"
	"regexp"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
)

// prediction is one of a notebook's, its verdict, and what was seen.
type prediction struct {
	said    string
	verdict verdict
	seen    string
}

type verdict string

// The verdicts.
const (
	holds      verdict = "It holds"
	wrong      verdict = "It was wrong"
	undecided  verdict = "Undecided"
	against    verdict = "Undecided, and it leans the other way"
	pointing   verdict = "It points that way"
	byMeans    verdict = "By the means it holds"
	notByMeans verdict = "By the means it was wrong"
	untested   verdict = "No verdict from one seed, or at tiny"
)

// Summary says in words what a study found, and what that says of the predictions about it. name is the study's in the verdicts on
// published claims.
func Summary(t *results.Table, name string) string {
	claims := study.Claims(t, name)
	words := report.StudySummary(t, claims)
	for _, p := range about(t, claims) {
		if p.seen == "" {
			continue // its cells are not in this table
		}
		if len(t.Seeds) < 2 || t.Scale == competition.ScaleTiny {
			p.verdict = untested
		}
		words += fmt.Sprintf("\n- Predicted: %s. **%s**: %s.", p.said, p.verdict, p.seen)
	}
	return interval.ReplaceAllString(words, "[$1,\u00a0$2]")
}

// interval is one in words; it is not to be broken over two lines.
var interval = regexp.MustCompile(`\[([+−][0-9.]+), ([+−][0-9.]+)\]`)

// about are the predictions about a study. One whose cells are not in the table has nothing seen.
func about(t *results.Table, claims []results.Claim) []prediction {
	switch t.Study {
	case study.Tasks, study.TasksLong:
		return tasks(t, claims)
	case study.LossWeights:
		return lossWeights(t)
	case study.Epochs:
		return epochs(t)
	case study.CorpusSize:
		return corpusSize(t)
	case study.Labels:
		return []prediction{below(t, "raw labels score lower, as Spearman depends on ranks alone", study.RawLabels)}
	case study.Pooling:
		return []prediction{below(t, "padding in the mean, which says how long a title is, scores lower", study.MeanPooling)}
	case study.Others:
		return others(t)
	case study.Ladder:
		return ladder(t)
	}
	if t.Ensembles != nil {
		return ensembles(t)
	}
	return nil
}

// judge is the verdict on a prediction of one sign for all of some differences.
func judge(predicted results.Sign, found ...results.Verdict) verdict {
	v := holds
	for _, f := range found {
		switch {
		case f.Sign() == predicted:
		case f.Sign() != results.Open:
			return wrong
		case v == against || f.Side() != results.Open && f.Side() != predicted:
			v = against
		default:
			v = undecided
		}
	}
	return v
}

// differences are the cells of some labels that have a difference to the baseline.
func differences(t *results.Table, labels ...results.Label) []results.Cell {
	var list []results.Cell
	for _, label := range labels {
		if c := t.Find(label); c != nil && c.Difference != nil {
			list = append(list, *c)
		}
	}
	return list
}

// below judges that cells score below the baseline, of those that have a difference to it.
func below(t *results.Table, said string, labels ...results.Label) prediction {
	cells := differences(t, labels...)
	return prediction{said, judge(results.Below, verdicts(t, cells)...), written(cells)}
}

// verdicts are those on cells' differences to the baseline.
func verdicts(t *results.Table, cells []results.Cell) []results.Verdict {
	var list []results.Verdict
	for _, c := range cells {
		list = append(list, c.Difference.Verdict(t.Scale))
	}
	return list
}

// written lists cells with their differences to the baseline.
func written(cells []results.Cell) string {
	var list []string
	for _, c := range cells {
		list = append(list, report.EscapeMarkdown(string(c.Label))+" "+report.WithBounds(c.Difference))
	}
	return strings.Join(list, "; ")
}

// steps are the differences of means from each cell to the next.
func steps(cells []*results.Cell) []float64 {
	var list []float64
	for i, c := range cells[1:] {
		list = append(list, c.Spearman.Mean-cells[i].Spearman.Mean)
	}
	return list
}

// means judges an order of means.
func means(said string, asPredicted bool, seen string) prediction {
	if asPredicted {
		return prediction{said, byMeans, seen}
	}
	return prediction{said, notByMeans, seen}
}

func allSigned(list []float64) string {
	var words []string
	for _, v := range list {
		words = append(words, report.Signed(v))
	}
	return strings.Join(words, ", ")
}
