// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// StudyCaption says in Markdown what a study's scores are of, and which cells lack one.
func StudyCaption(t *results.Table) string {
	corpus, sizes, _ := strings.Cut(t.Corpus, ":")
	words := fmt.Sprintf("**%s** Corpus **%s** (%s), scale `%s`. Spearman on %s pairs (%s), %s. "+
		"Differences are to “%s” under the same seed, with their %.0f%% interval.", EscapeMarkdown(t.Question),
		EscapeMarkdown(corpus), EscapeMarkdown(strings.TrimSpace(sizes)), t.Scale, text.Thousands(t.Scored.Pairs),
		EscapeMarkdown(t.Scored.Part), overSeeds(t.Seeds), EscapeMarkdown(string(t.Baseline)), 100*t.Intervals.Level)
	words += " " + Pretraining(t.Base.Pretrain)
	for _, c := range t.Cells {
		words += noScore(c)
	}
	return words
}

// noScore says under which seeds a cell has no score, and why.
func noScore(c results.Cell) string {
	if len(c.Errors) == 0 {
		return ""
	}
	var seeds []int64
	var why []string
	for _, f := range c.Errors {
		seeds = append(seeds, f.Seed)
		if w := fmt.Sprintf("%s: %s", f.Task, f.Error); !slices.Contains(why, w) {
			why = append(why, w)
		}
	}
	return fmt.Sprintf("\n\nNo score of **%s** under %s (%s).", EscapeMarkdown(string(c.Label)), seedWords(seeds),
		EscapeMarkdown(strings.Join(why, "; ")))
}

// overSeeds says what the scores are over seeds.
func overSeeds(seeds []int64) string {
	if len(seeds) == 1 {
		return seedWords(seeds) + " alone, so intervals are over pairs only"
	}
	return "mean and standard deviation of " + seedWords(seeds)
}

func seedWords(seeds []int64) string {
	if len(seeds) == 1 {
		return fmt.Sprintf("seed %d", seeds[0])
	}
	return "seeds " + seedList(seeds)
}

// StudyTables are the cells, those of all members joined among them, and where there are ensembles the means by size.
func StudyTables(t *results.Table) []Table {
	list := []Table{cellsWithDifferences(t)}
	if t.Ensembles != nil {
		list = append(list, sizesWithBounds(t.Ensembles))
	}
	return list
}

// cellsWithDifferences tables the cells' means, their differences to the baseline, and where there are some the published figures.
func cellsWithDifferences(study *results.Table) Table {
	t := Table{Header: []string{"cell", "Spearman", "difference", "95% interval", "p, corrected", "settings"}}
	published := slices.ContainsFunc(study.Cells, hasPublished)
	if published {
		t.Header = slices.Insert(t.Header, 5, "published", "published difference")
	}
	var base *results.Published
	if b := study.Find(study.Baseline); b != nil {
		base = b.Published
	}
	for _, b := range study.Baselines {
		row := []Cell{Words("no model: " + b.Name), Number(correlation(b.Spearman))}
		t.Rows = append(t.Rows, append(row, blanks(len(t.Header)-2)...))
	}
	for _, c := range study.Rows() {
		row := []Cell{Words(string(c.Label)), Number(meanText(c)), Number(""), Number(""), Number(corrected(c.Difference))}
		if d := c.Difference; d != nil {
			row[2].Text, row[3].Text = Signed(d.Mean), boundsOf(d)
		}
		if published {
			figure, difference := publishedCells(c.Published, base)
			row = append(row, figure, difference)
		}
		t.Rows = append(t.Rows, append(row, Words(shortSettings(c.Settings))))
	}
	return t
}

// blanks are n empty cells.
func blanks(n int) []Cell {
	list := make([]Cell, n)
	for i := range list {
		list[i] = Number("")
	}
	return list
}

// meanText writes a cell's mean and standard deviation, and of how many seeds it is where some failed.
func meanText(c results.Cell) string {
	words := ""
	if c.Spearman != nil {
		words = correlation(c.Spearman.Mean)
	}
	if c.SD != nil {
		words += " ± " + correlation(*c.SD)
	}
	if c.Spearman != nil && c.Spearman.Seeds < len(c.Scores) {
		words += " (" + text.Count(c.Spearman.Seeds, "seed") + ")"
	}
	return words
}

// publishedCells are a published figure and its difference to the published baseline.
func publishedCells(p, base *results.Published) (figure, difference Cell) {
	figure, difference = Number(""), Number("")
	if p == nil {
		return figure, difference
	}
	figure.Text = publishedText(p)
	if base != nil && p != base && base.Where == p.Where {
		difference.Text = Signed(p.Spearman - base.Spearman)
	}
	return figure, difference
}

// sizesWithBounds tables the means over the subsets of each size, one row a size.
func sizesWithBounds(e *results.EnsembleTable) Table {
	t := Table{Header: append([]string{"models", "subsets", "concatenated", "95% interval"}, joinedColumns(e)...)}
	for _, s := range e.Sizes {
		row := []Cell{Number(fmt.Sprint(s.Size)), Number(fmt.Sprint(s.Subsets)), Number(""), Number("")}
		if m := s.Spearman; m != nil {
			row[2].Text, row[3].Text = correlation(m.Mean), fmt.Sprintf("[%s, %s]", correlation(m.Low), correlation(m.High))
		}
		for _, v := range append(slices.Clone(s.SVD), s.Fitted) {
			row = append(row, Number(optional(v)))
		}
		if publishedSizes(e) {
			figure, _ := publishedCells(s.Published, nil)
			row = append(row, figure)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
