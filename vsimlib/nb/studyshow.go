// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/plots"
	"vsim/vsimlib/study"
)

// show shows a study's table with what it holds on, and its figures. A table without a file is kept first.
func (s studied) show(t *study.Table, file string) (err error) {
	if file == "" {
		if file, err = s.keepStudy(s.name, t); err != nil {
			return err
		}
	}
	showMarkdown(studyCaption(t))
	for _, shown := range studyTables(t) {
		showHTML(shown.html(), shown.String())
	}
	figures, err := plots.Study(file)
	if err != nil {
		return err
	}
	for _, f := range figures {
		ending := strings.TrimPrefix(f.Name, t.Study)
		if ending == "-cells" && t.Axis != nil {
			continue // the same along the axis
		}
		if err := Figure("study_"+s.name+ending, f.Figure); err != nil {
			return err
		}
	}
	return nil
}

// studyCaption says what a study's scores hold on.
func studyCaption(t *study.Table) string {
	corpus, what, _ := strings.Cut(t.Corpus, ":")
	text := fmt.Sprintf("**%s** Corpus **%s** (%s), scale `%s`. Spearman on %s pairs (%s), mean and standard deviation of %s. Differences are to “%s” under the same seed, "+
		"with their %.0f%% interval.", escapeMarkdown(t.Question), escapeMarkdown(corpus), escapeMarkdown(strings.TrimSpace(what)), t.Scale, grouped(int64(t.Scored.Pairs)),
		escapeMarkdown(t.Scored.Part), seedWords(t.Seeds), escapeMarkdown(t.Baseline), 100*t.Intervals.Level)
	text += " " + t.Pretraining()
	for _, c := range t.Cells {
		text += noScore(c)
	}
	return text
}

// noScore says under which seeds a cell has no score, and why.
func noScore(c study.Row) string {
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
	return fmt.Sprintf("\n\nNo score of **%s** under %s (%s).", escapeMarkdown(c.Label), seedWords(seeds), escapeMarkdown(strings.Join(why, "; ")))
}

func seedWords(seeds []int64) string {
	if len(seeds) == 1 {
		return fmt.Sprintf("seed %d", seeds[0])
	}
	return "seeds " + strings.Trim(strings.ReplaceAll(fmt.Sprint(seeds), " ", ", "), "[]")
}

// studyTables are the cells, and where there are ensembles those of all members and the means by size.
func studyTables(t *study.Table) []table {
	rows, list := t.Cells, []table(nil)
	if t.Ensembles != nil {
		rows = append(slices.Clone(rows), t.Ensembles.Joined...)
		list = append(list, sizesTable(t.Ensembles))
	}
	return append([]table{cellsTable(rows, t.Cells, t.Baseline)}, list...)
}

// cellsTable puts our scores beside the published ones.
func cellsTable(rows, cells []study.Row, baseline string) table {
	t := table{header: []string{"cell", "Spearman", "difference", "95% interval", "settings"}}
	published := slices.ContainsFunc(cells, func(r study.Row) bool { return r.Published != nil })
	if published {
		t.header = slices.Insert(t.header, 4, "published", "its difference")
	}
	base := publishedOf(cells, baseline)
	for _, r := range rows {
		row := []cell{{r.Label, false}, {"", true}, {"", true}, {"", true}}
		if r.Mean != nil {
			row[1].text = plain(r.Mean.Mean)
		}
		if r.SD != nil {
			row[1].text += " ± " + plain(*r.SD)
		}
		if r.Mean != nil && r.Mean.Seeds < len(r.Scores) {
			row[1].text += " (" + counts(r.Mean.Seeds, "seed") + ")"
		}
		if d := r.Difference; d != nil {
			row[2].text, row[3].text = signed(d.Mean), bounds(d)
		}
		if published {
			theirs, apart := publishedCells(r.Published, base)
			row = append(row, theirs, apart)
		}
		t.rows = append(t.rows, append(row, cell{strings.Join(r.Settings, ", "), false}))
	}
	return t
}

func publishedOf(cells []study.Row, label string) *study.Published {
	for _, c := range cells {
		if c.Label == label {
			return c.Published
		}
	}
	return nil
}

// publishedCells are a published figure and how far it is from the published baseline.
func publishedCells(p, base *study.Published) (theirs, apart cell) {
	theirs, apart = cell{"", true}, cell{"", true}
	if p == nil {
		return theirs, apart
	}
	theirs.text = plain(p.Spearman)
	if p.SD > 0 {
		theirs.text += " ± " + plain(p.SD)
	}
	if base != nil && p != base && base.Where == p.Where {
		apart.text = signed(p.Spearman - base.Spearman)
	}
	return theirs, apart
}

// sizesTable is a row a size of ensemble.
func sizesTable(e *study.Ensembles) table {
	t := table{header: []string{"models", "subsets", "concatenated", "95% interval"}}
	for _, dim := range e.Dims {
		t.header = append(t.header, fmt.Sprintf("SVD to %d", dim))
	}
	t.header = append(t.header, "fitted weights", "published, test_b")
	for _, s := range e.Sizes {
		row := []cell{{fmt.Sprint(s.Size), true}, {fmt.Sprint(s.Subsets), true}, {"", true}, {"", true}}
		if s.Mean != nil {
			row[2].text, row[3].text = plain(s.Mean.Mean), fmt.Sprintf("[%s, %s]", plain(s.Mean.Low), plain(s.Mean.High))
		}
		for _, v := range append(slices.Clone(s.SVD), s.Fitted) {
			c := cell{"", true}
			if v != nil {
				c.text = plain(*v)
			}
			row = append(row, c)
		}
		theirs, _ := publishedCells(s.Published, nil)
		t.rows = append(t.rows, append(row, theirs))
	}
	return t
}

func counts(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// plain writes a correlation, signed a difference of two, bounds its interval.
func plain(v float64) string          { return fmt.Sprintf("%.4f", v) }
func signed(v float64) string         { return strings.Replace(fmt.Sprintf("%+.4f", v), "-", "−", 1) }
func bounds(e *study.Estimate) string { return "[" + signed(e.Low) + ", " + signed(e.High) + "]" }
