// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"vsim/vsimlib/run"
	"vsim/vsimlib/study"
)

// claim is an effect of the write-up: a cell of a study lies above another (or the baseline).
type claim struct {
	study, words string
	higher       string
	lower        string
	published    float64 // the difference where the cells have no published figures of their own; 0: none is given
}

// claims are the effects of the write-up and its talk that studies can test. Cells that a scale lacks are passed over.
var claims = []claim{
	{"tasks", "pretraining pays", "tag + MLM + MFM", "no pretraining", 0},
	{"tasks", "all three tasks beat tags alone", "tag + MLM + MFM", "tag", 0},
	{"tasks", "masked words pay beside tags", "tag + MLM", "tag", 0},
	{"tasks", "masked frames pay beside tags and words", "tag + MLM + MFM", "tag + MLM", 0},
	{"epochs", "pretraining pays", "10 epochs", "0 epochs", 0},
	{"epochs", "10 epochs beat 5", "10 epochs", "5 epochs", 0},
	{"epochs", "20 epochs beat 10", "20 epochs", "10 epochs", 0},
	{"epochs", "20 epochs beat 5", "20 epochs", "5 epochs", 0},
	{"epochs", "40 epochs beat 20", "40 epochs", "20 epochs", 0},
	{"loss-weights", "the tag loss is needed", "the write-up's", "tag off", 0},
	{"loss-weights", "the tag loss needs a weight above 1", "the write-up's", "tag weight 1", 0},
	{"loss-weights", "masked words are needed", "the write-up's", "mlm off", 0},
	{"loss-weights", "masked frames are needed", "the write-up's", "mfm off", 0},
	{"ensemble", "all members together beat the first", "all, concatenated", "member 1", 0},
	{"ensemble", "so they do at 256 floats a video", "all, SVD to 256", "member 1", 0},
	{"labels", "rank-normalised labels beat raw ones", "rank-normalised", "raw", .006},
}

// Claim is what a study says of an effect of the write-up.
type Claim struct {
	Study     string   `json:"study"`
	Corpus    string   `json:"corpus"`
	Claim     string   `json:"claim"`
	Published *float64 `json:"published"` // difference in Spearman, on the competition's corpus
	Ours      float64  `json:"ours"`      // the mean over the seeds
	Low       *float64 `json:"low"`       // of the 95% interval, where one of the two is the study's baseline
	High      *float64 `json:"high"`
	Seeds     int      `json:"seeds"` // that have both
	Agree     int      `json:"agree"` // of these, on whose side the claim is
	Verdict   string   `json:"verdict"`
}

// claimsOf holds the claims against a study's table.
func claimsOf(t *study.Table, suffix string) []Claim {
	rows := t.Cells
	if t.Ensembles != nil {
		rows = append(slices.Clone(rows), t.Ensembles.Joined...)
	}
	find := func(label string) *study.Row {
		i := slices.IndexFunc(rows, func(r study.Row) bool { return r.Label == label && r.Mean != nil })
		if i < 0 {
			return nil
		}
		return &rows[i]
	}
	corpus, _, _ := strings.Cut(t.Corpus, ":")
	var list []Claim
	for _, c := range claims {
		higher, lower := find(c.higher), find(c.lower)
		if c.study != t.Study || higher == nil || lower == nil {
			continue
		}
		out := Claim{Study: t.Study + suffix, Corpus: corpus, Claim: c.words, Published: c.publishedDifference(higher, lower)}
		if !out.weigh(higher, lower, t.Baseline) {
			continue
		}
		list = append(list, out)
	}
	return list
}

func (c claim) publishedDifference(higher, lower *study.Row) *float64 {
	switch h, l := higher.Published, lower.Published; {
	case c.published != 0:
		return &c.published
	case h != nil && l != nil && h.Where == l.Where:
		return new(h.Spearman - l.Spearman)
	}
	return nil
}

// weigh compares two cells; false where no seed has both.
func (c *Claim) weigh(higher, lower *study.Row, baseline string) bool {
	for i, h := range higher.Scores {
		l := lower.Scores[i]
		if h == nil || l == nil {
			continue
		}
		c.Seeds++
		c.Ours += *h - *l
		if *h > *l {
			c.Agree++
		}
	}
	if c.Seeds == 0 {
		return false
	}
	c.Ours /= float64(c.Seeds)
	switch {
	case lower.Label == baseline && higher.Difference != nil:
		c.Low, c.High = new(higher.Difference.Low), new(higher.Difference.High)
	case higher.Label == baseline && lower.Difference != nil:
		c.Low, c.High = new(-lower.Difference.High), new(-lower.Difference.Low)
	}
	c.Verdict = c.verdict()
	return true
}

// verdict is by the interval where there is one, and by the seeds where there is none.
func (c *Claim) verdict() string {
	if c.Low != nil {
		switch {
		case *c.Low > 0:
			return "holds"
		case *c.High < 0:
			return "does not hold, the other way round"
		}
		return "undecided, the interval has zero in it"
	}
	switch {
	case c.Agree == c.Seeds && c.Seeds > 1:
		return fmt.Sprintf("holds in all %d seeds", c.Seeds)
	case c.Agree == 0 && c.Seeds > 1:
		return fmt.Sprintf("does not hold, the other way round in all %d seeds", c.Seeds)
	}
	return fmt.Sprintf("undecided, holds in %d of %d seeds", c.Agree, c.Seeds)
}

// Claims holds the effects of the write-up against the kept tables of studies, and keeps what comes of it as results/study-claims.json.
// Studies that were not run are passed over.
func Claims(names ...string) error {
	p, err := where()
	if err != nil {
		return err
	}
	out := struct {
		Scale  string  `json:"scale"`
		Claims []Claim `json:"claims"`
	}{Scale: p.scale}
	for _, name := range names {
		t, _, err := p.kept(name)
		if err != nil {
			return err
		}
		if t == nil {
			continue
		}
		if t.Scale != p.scale {
			continue // a committed one among those of another scale
		}
		out.Claims = append(out.Claims, claimsOf(t, strings.TrimPrefix(name, t.Study))...)
	}
	if len(out.Claims) == 0 {
		return fmt.Errorf("none of the studies %s has a table that says something of the write-up's effects; run the cells above first", strings.Join(names, ", "))
	}
	if err := os.MkdirAll(p.results, 0o777); err != nil {
		return err
	}
	if err := run.WriteJSON(Results("study-claims"), out); err != nil {
		return err
	}
	t := claimsTable(out.Claims)
	showHTML(t.html(), t.String())
	showMarkdown(claimsWords(p.scale, out.Claims))
	return nil
}

func claimsTable(list []Claim) table {
	t := table{header: []string{"study", "corpus", "effect", "published", "here", "95% interval", "seeds for it", "on this corpus it"}}
	for _, c := range list {
		row := []cell{{c.Study, false}, {c.Corpus, false}, {c.Claim, false}, {"", true}, {signed(c.Ours), true}, {"", true}, {fmt.Sprintf("%d of %d", c.Agree, c.Seeds), true}, {c.Verdict, false}}
		if c.Published != nil {
			row[3].text = signed(*c.Published)
		}
		if c.Low != nil {
			row[5].text = bounds(&study.Estimate{Low: *c.Low, High: *c.High})
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// claimsWords say plainly which effects hold.
func claimsWords(scale string, list []Claim) string {
	var lines []string
	if scale == tiny {
		lines = append(lines, "Scale `tiny`: every part works, and its scores mean nothing.")
	}
	for _, group := range []struct{ begins, words string }{
		{"holds", "**Hold here**"}, {"undecided", "**Cannot be told here**"}, {"does not", "**Do not hold here**"},
	} {
		var effects []string
		for _, c := range list {
			if strings.HasPrefix(c.Verdict, group.begins) {
				effects = append(effects, fmt.Sprintf("%s (%s, %s)", escapeMarkdown(c.Claim), escapeMarkdown(c.Corpus), signed(c.Ours)))
			}
		}
		if len(effects) == 0 {
			effects = []string{"none"}
		}
		lines = append(lines, fmt.Sprintf("%s (%d of %d): %s.", group.words, counted(list, group.begins), len(list), strings.Join(effects, "; ")))
	}
	return "- " + strings.Join(lines, "\n- ")
}

func counted(list []Claim, begins string) int {
	n := 0
	for _, c := range list {
		if strings.HasPrefix(c.Verdict, begins) {
			n++
		}
	}
	return n
}
