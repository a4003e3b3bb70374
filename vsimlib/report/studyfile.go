// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// StudyKind is that of the directories that a study's table and figures are written into. What older versions made has a table.
var StudyKind = outdir.Kind{Name: "study", Made: func(dir string) bool {
	_, _, ok := StudyIn(dir)
	return ok
}}

// StudyIn returns the name and the scale of the study whose table is in a directory; ok is false where there is no table.
func StudyIn(dir string) (name, scale string, ok bool) {
	var t struct {
		Study string            `json:"study"`
		Scale string            `json:"scale"`
		Cells []json.RawMessage `json:"cells"`
	}
	err := jsonfile.Read(filepath.Join(dir, "table.json"), &t)
	return t.Study, t.Scale, err == nil && t.Study != "" && len(t.Cells) > 0
}

// WriteStudy writes a study's table into a folder twice: NAME.json, and the same for people, NAME.md. It returns the path of the
// first.
func WriteStudy(folder, name string, t *results.Table) (string, error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", fmt.Errorf("study: %w", err)
	}
	if err := atomicfile.WriteData(filepath.Join(folder, name+".md"), []byte(StudyMarkdown(t))); err != nil {
		return "", err
	}
	path := filepath.Join(folder, name+".json")
	return path, jsonfile.Write(path, t)
}

// StudyMarkdown is a study's table as a document.
func StudyMarkdown(t *results.Table) string {
	var b strings.Builder
	title := t.Study
	if t.Question != t.Study { // a grid without a question has its name
		title += ": " + t.Question
	}
	fmt.Fprintf(&b, "# %s\n\nScale %s. Corpus %s. Spearman of cosine and label on %d pairs (%s); %s. %s\n\n",
		inert(title), inert(t.Scale), inert(t.Corpus), t.Scored.Pairs, inert(t.Scored.Part), seedWords(t.Seeds),
		Pretraining(t.Base.Pretrain))
	b.WriteString(cellsBySeed("cell", t.Cells).PlainMarkdown())
	if len(t.Baselines) > 0 {
		b.WriteString("\nThe same pairs without a model:\n\n")
		b.WriteString(withoutModel(t.Baselines).PlainMarkdown())
	}
	if e := t.Ensembles; e != nil {
		fmt.Fprintf(&b, "\nAll %d members together:\n\n", len(t.Cells))
		b.WriteString(cellsBySeed("ensemble", e.Joined).PlainMarkdown())
		b.WriteString("\nMeans over all subsets of a size:\n\n")
		b.WriteString(sizesWithIntervals(e).PlainMarkdown())
	}
	for _, c := range t.Cells {
		for _, f := range c.Errors {
			fmt.Fprintf(&b, "\nFailed: %s, seed %d, %s: %s\n", inert(string(c.Label)), f.Seed, inert(f.Task), inert(f.Error))
		}
	}
	fmt.Fprintf(&b, "\nDifferences are to “%s” under the same seed. In brackets are %.0f%% intervals. %s\n",
		inert(string(t.Baseline)), 100*t.Intervals.Level, inert(t.Intervals.Method))
	b.WriteString(computedBy(t))
	if slices.ContainsFunc(t.Cells, hasPublished) {
		b.WriteString("\nPublished figures are of the competition's corpus, by models of other sizes: " +
			"their order may be compared, not their digits.\n")
	}
	return b.String()
}

// computedBy says in one line by what a study was computed, "" where the table does not say it.
func computedBy(t *results.Table) string {
	var parts []string
	for _, c := range t.Computed {
		part := fmt.Sprintf("%s (%s)", inert(c.Backend), inert(c.Device))
		if build := c.Build(); build != "" {
			part += ", " + build
		}
		parts = append(parts, part+", arithmetic "+strings.Join(c.Arithmetic, " "))
	}
	if len(parts) == 0 {
		return ""
	}
	line := "\nComputed by " + strings.Join(parts, "; and ") + "."
	if t.Mixed != "" {
		line += " The runs mix " + t.Mixed + "."
	}
	return line + "\n"
}

func hasPublished(c results.Cell) bool { return c.Published != nil }

// Pretraining says how long and on what cells pretrain that do not vary it.
func Pretraining(p recipe.Pretrain) string {
	on := "pointwise"
	if p.MaxPointwise > 0 {
		on = fmt.Sprintf("the first %d videos of pointwise", p.MaxPointwise)
	}
	return fmt.Sprintf("Where it is not what is varied, pretraining is %s on pairwise and %s.", text.Count(p.Epochs, "epoch"), on)
}

func seedList(seeds []int64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(seeds), " ", ", "), "[]")
}

// cellsBySeed tables cells with the score of every seed; what names the first column.
func cellsBySeed(what string, cells []results.Cell) Table {
	t := Table{Header: []string{what, "by seed", "mean", "sd", "difference", "p, corrected"}}
	published := slices.ContainsFunc(cells, hasPublished)
	if published {
		t.Header = append(t.Header, "published")
	}
	for _, c := range cells {
		row := []Cell{Words(string(c.Label)), Words(bySeed(c)), Words(interval("%.4f", c.Spearman)), Words(optional(c.SD)),
			Words(interval("%+.4f", c.Difference)), Words(corrected(c.Difference))}
		if published {
			row = append(row, Words(publishedText(c.Published)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// corrected writes the corrected p-value of a difference.
func corrected(e *results.Estimate) string {
	if e == nil {
		return ""
	}
	return probability(e.Holm)
}

// withoutModel tables what pairs score by each baseline.
func withoutModel(list []results.Baseline) Table {
	t := Table{Header: []string{"by", "Spearman", "standard error"}}
	for _, b := range list {
		t.Rows = append(t.Rows, []Cell{Words(b.Name), Words(correlation(b.Spearman)), Words(correlation(b.Error))})
	}
	return t
}

func bySeed(c results.Cell) string {
	var list []string
	for _, s := range c.Scores {
		if s == nil {
			list = append(list, "failed")
			continue
		}
		list = append(list, correlation(*s))
	}
	return strings.Join(list, " ")
}

// interval writes an estimate as "0.6123 [0.6010, 0.6235]".
func interval(verb string, e *results.Estimate) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf(verb+" ["+verb+", "+verb+"]", e.Mean, e.Low, e.High)
}

// publishedText writes a published figure without its leading zero: a mean with four digits, a score alone with the digits it was
// published with.
func publishedText(p *results.Published) string {
	switch {
	case p == nil:
		return ""
	case p.SD > 0:
		return strings.TrimPrefix(correlation(p.Spearman), "0") + " ± " + strings.TrimPrefix(correlation(p.SD), "0")
	}
	return strings.TrimPrefix(strconv.FormatFloat(p.Spearman, 'g', -1, 64), "0")
}

// sizesWithIntervals tables the means over the subsets of each size.
func sizesWithIntervals(e *results.EnsembleTable) Table {
	t := Table{Header: append([]string{"models", "subsets", "concatenated"}, joinedColumns(e)...)}
	for _, s := range e.Sizes {
		row := []Cell{Words(fmt.Sprint(s.Size)), Words(fmt.Sprint(s.Subsets)), Words(interval("%.4f", s.Spearman))}
		for _, v := range append(slices.Clone(s.SVD), s.Fitted) {
			row = append(row, Words(optional(v)))
		}
		if publishedSizes(e) {
			row = append(row, Words(publishedText(s.Published)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// publishedSizes reports whether any size has a published figure.
func publishedSizes(e *results.EnsembleTable) bool {
	return slices.ContainsFunc(e.Sizes, func(s results.EnsembleSize) bool { return s.Published != nil })
}

// joinedColumns are the columns of a table of sizes behind the concatenation's.
func joinedColumns(e *results.EnsembleTable) []string {
	var names []string
	for _, dim := range e.Dims {
		names = append(names, fmt.Sprintf("SVD to %d", dim))
	}
	names = append(names, "fitted weights")
	if publishedSizes(e) {
		names = append(names, "published, test_b")
	}
	return names
}
