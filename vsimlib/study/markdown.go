// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/run"
)

// TableFile is the table's name in a study's folder; beside it lies the same for people, in Markdown.
const TableFile = "table.json"

const markdownFile = "table.md"

// Write writes table.json and table.md into a folder. It returns the path of the first.
func (t *Table) Write(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", fmt.Errorf("study: %w", err)
	}
	err := run.Atomic(filepath.Join(dir, markdownFile), func(w io.Writer) error {
		_, err := io.WriteString(w, t.Markdown())
		return err
	})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, TableFile)
	return path, run.WriteJSON(path, t)
}

// Pretraining says how long and on what the cells pretrain.
func (t *Table) Pretraining() string {
	p, on := t.Base.Pretrain, "pointwise"
	if p.MaxPointwise > 0 {
		on = fmt.Sprintf("the first %d videos of pointwise", p.MaxPointwise)
	}
	return fmt.Sprintf("Where it is not what is varied, pretraining is %s on pairwise and %s.", epochLabel(p.Epochs), on)
}

// Markdown is the table for people.
func (t *Table) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\nScale %s. Corpus %s. Spearman of cosine and label on %d pairs (%s); seeds %s. %s\n\n",
		t.Study, t.Question, t.Scale, t.Corpus, t.Scored.Pairs, t.Scored.Part, strings.Trim(strings.ReplaceAll(fmt.Sprint(t.Seeds), " ", ", "), "[]"), t.Pretraining())
	t.rows(&b, "cell", t.Cells)
	if e := t.Ensembles; e != nil {
		fmt.Fprintf(&b, "\nAll %d members together:\n\n", len(t.Cells))
		t.rows(&b, "ensemble", e.Joined)
		e.sizesTable(&b)
	}
	for _, c := range t.Cells {
		for _, f := range c.Errors {
			fmt.Fprintf(&b, "\nFailed: %s, seed %d, %s: %s\n", c.Label, f.Seed, f.Task, f.Error)
		}
	}
	fmt.Fprintf(&b, "\nDifferences are to “%s” under the same seed. In brackets are %.0f%% intervals of %d draws. %s\n", t.Baseline, 100*t.Intervals.Level,
		t.Intervals.Draws, t.Intervals.Method)
	if t.published() {
		b.WriteString("\nPublished figures are of the competition's corpus, by models of other sizes: their order may be compared, not their digits.\n")
	}
	return b.String()
}

func (t *Table) published() bool {
	return slices.ContainsFunc(t.Cells, func(r Row) bool { return r.Published != nil })
}

// rows is a table of cells.
func (t *Table) rows(b *strings.Builder, what string, rows []Row) {
	head := []string{what, "by seed", "mean", "sd", "difference"}
	published := slices.ContainsFunc(rows, func(r Row) bool { return r.Published != nil })
	if published {
		head = append(head, "published")
	}
	line(b, head...)
	line(b, slices.Repeat([]string{"---"}, len(head))...)
	for _, r := range rows {
		cells := []string{r.Label, r.bySeed(), r.Mean.text("%.4f"), "", r.Difference.text("%+.4f")}
		if r.SD != nil {
			cells[3] = fmt.Sprintf("%.4f", *r.SD)
		}
		if published {
			cells = append(cells, r.Published.text())
		}
		line(b, cells...)
	}
}

func line(b *strings.Builder, cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", "\\|")
	}
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

func (r Row) bySeed() string {
	var list []string
	for _, s := range r.Scores {
		if s == nil {
			list = append(list, "failed")
			continue
		}
		list = append(list, fmt.Sprintf("%.4f", *s))
	}
	return strings.Join(list, " ")
}

// text is "0.6123 [0.6010, 0.6235]".
func (e *Estimate) text(verb string) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf(verb+" ["+verb+", "+verb+"]", e.Mean, e.Low, e.High)
}

func (p *Published) text() string {
	if p == nil {
		return ""
	}
	text := strings.TrimPrefix(fmt.Sprintf("%.4f", p.Spearman), "0")
	if p.SD > 0 {
		text += " ± " + strings.TrimPrefix(fmt.Sprintf("%.4f", p.SD), "0")
	}
	return text
}

// sizesTable is a line a size.
func (e *Ensembles) sizesTable(b *strings.Builder) {
	fmt.Fprintf(b, "\nMeans over all subsets of a size:\n\n")
	head := []string{"models", "subsets", "concatenated"}
	for _, dim := range e.Dims {
		head = append(head, fmt.Sprintf("SVD to %d", dim))
	}
	head = append(head, "fitted weights", "published, test_b")
	line(b, head...)
	line(b, slices.Repeat([]string{"---"}, len(head))...)
	for _, s := range e.Sizes {
		cells := []string{fmt.Sprint(s.Size), fmt.Sprint(s.Subsets), s.Mean.text("%.4f")}
		for _, v := range append(slices.Clone(s.SVD), s.Fitted) {
			text := ""
			if v != nil {
				text = fmt.Sprintf("%.4f", *v)
			}
			cells = append(cells, text)
		}
		line(b, append(cells, s.Published.text())...)
	}
}
