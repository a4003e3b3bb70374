// SPDX-License-Identifier: Apache-2.0

package prediction

import (
	"fmt"
	"math"
	"strings"

	"vsim/vsimlib/ensemble/gain"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// slack is how far, as a part of the whole gain, what is seen may be from what was predicted.
const slack = 0.05

// ensembles: notebook 08.
func ensembles(t *results.Table) []prediction {
	sizes, scores := t.Ensembles.Means()
	if len(sizes) < 3 || sizes[0] != 1 || sizes[1] != 2 || sizes[2] != 3 {
		return nil
	}
	increases := true
	for i := range scores[1:] {
		increases = increases && scores[i+1] > scores[i]
	}
	last := t.Ensembles.Sizes[len(t.Ensembles.Sizes)-1]
	list := []prediction{
		lawful(t.Ensembles, sizes, scores),
		means("the mean rises with every further model, on either corpus", increases,
			fmt.Sprintf("from %.4f to %.4f", scores[0], scores[len(scores)-1])),
	}
	if last.Spearman == nil {
		return list
	}
	whole := last.Spearman.Mean - scores[0]
	return append(list, truncated(t, last, whole), fitted(last, whole))
}

// lawful judges the law by which ensembles gain.
func lawful(e *results.EnsembleTable, sizes []int, scores []float64) prediction {
	p := prediction{said: "the mean of all sets of M models is a + b/M, so that the second brings half of all that more models " +
		"can gain, and the third a sixth"}
	law, ok := gain.Fit(sizes, scores)
	if !ok {
		return p
	}
	if law.B >= 0 {
		p.verdict, p.seen = notByMeans, fmt.Sprintf("the fit is %s: further models gain nothing", law.Formula(4))
		return p
	}
	whole := -law.B
	second, third := (scores[1]-scores[0])/whole, (scores[2]-scores[1])/whole
	p.verdict = notByMeans
	if math.Abs(second-gain.Share(2)) <= slack && math.Abs(third-gain.Share(3)) <= slack && law.Residual <= slack*whole {
		p.verdict = byMeans
	}
	p.seen = fmt.Sprintf("by least squares it is %s, at most %.4f from any mean; the second model brings %s of the whole gain of "+
		"%.4f, the third %s", law.Formula(4), law.Residual, percent(second), whole, percent(third))
	sizes, scores = e.PublishedMeans()
	if published, ok := gain.Fit(sizes, scores); ok && len(sizes) >= 3 && published.B < 0 {
		p.seen += fmt.Sprintf("; the published ones follow %s, at most %.4f from any", published.Formula(3), published.Residual)
	}
	return p
}

// truncated judges what truncation costs while it keeps as many floats as one model has.
func truncated(t *results.Table, last results.EnsembleSize, whole float64) prediction {
	width := t.Base.Model.EmbeddingDim
	p := prediction{verdict: byMeans,
		said: fmt.Sprintf("truncation costs little while it keeps the %d floats of one model or more", width)}
	var kept, below []string
	for i, dim := range t.Ensembles.Dims {
		if i >= len(last.SVD) || last.SVD[i] == nil {
			continue
		}
		change := *last.SVD[i] - last.Spearman.Mean
		words := fmt.Sprintf("%s at %d", report.Signed(change), dim)
		if dim < width {
			below = append(below, words)
			continue
		}
		kept = append(kept, words)
		if -change > slack*whole {
			p.verdict = notByMeans
		}
	}
	if len(kept) == 0 {
		return prediction{}
	}
	p.seen = strings.Join(kept, ", ")
	if len(below) > 0 {
		p.seen += ", and below it " + strings.Join(below, ", ")
	}
	p.seen += ofGain(whole)
	return p
}

// fitted judges fitted weights.
func fitted(last results.EnsembleSize, whole float64) prediction {
	if last.Fitted == nil {
		return prediction{}
	}
	change := *last.Fitted - last.Spearman.Mean
	return means("fitted weights change little or nothing", math.Abs(change) <= slack*whole, report.Signed(change)+ofGain(whole))
}

// ofGain names the yardstick of what is little.
func ofGain(whole float64) string {
	return fmt.Sprintf("; little is at most a twentieth of what all models gain over one, %s", report.Signed(whole))
}

func percent(share float64) string { return text.Minus(fmt.Sprintf("%.0f%%", 100*share)) }
