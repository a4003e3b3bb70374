// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"vsim/vsimlib/results"
	"vsim/vsimlib/results/resultstest"
)

func TestEscape(t *testing.T) {
	if got := EscapeHTML(`<script>"&'`); got != "&lt;script&gt;&#34;&amp;&#39;" {
		t.Errorf("EscapeHTML: %s", got)
	}
	if got := EscapeHTML("\u202ea\nb\x1b[2J"); got != "a b[2J" {
		t.Errorf("EscapeHTML: %q", got)
	}
	if got := EscapeMarkdown("a*b_c<d>|e"); got != `a\*b\_c\<d\>\|e` {
		t.Errorf("EscapeMarkdown: %s", got)
	}
}

// TestLongNames: a line of a narrow page may end inside the name of a setting, and a number stays whole.
func TestLongNames(t *testing.T) {
	table := Table{Rows: [][]Cell{{Words("model.hidden_dropout_prob=0.1, a_short=1"), Number("0.123456789012345678901234567890")}}}
	if got := table.HTML(); !strings.Contains(got, "model.hidden_<wbr/>dropout_<wbr/>prob=<wbr/>0.1, a_short=1<") ||
		!strings.Contains(got, ">0.123456789012345678901234567890<") {
		t.Error(got)
	}
}

func FuzzTable(f *testing.F) {
	f.Add("<script>alert(1)</script>", 0.5)
	f.Add("\u202e\x1b]0;x\a</td>", -1e300)
	f.Add("&amp;\r\n", 1234567.0)
	f.Fuzz(func(t *testing.T, text string, v float64) {
		type row struct {
			Text  string  `json:"text"`
			Value float64 `json:"value"`
		}
		made, err := Of([]row{{text, v}})
		if err != nil {
			t.Fatal(err)
		}
		// What a browser reads are the tags that the table has, and no others.
		tags := 0
		for d := xml.NewDecoder(strings.NewReader(made.HTML())); ; {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%v in %q", err, made.HTML())
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local != "wbr" {
				tags++
			}
		}
		if tags != 7 { // table, two rows, two heads, two cells
			t.Errorf("%d tags in %q", tags, made.HTML())
		}
		if lines := strings.Count(made.String(), "\n"); lines != 2 {
			t.Errorf("%d lines in %q", lines, made.String())
		}
	})
}

func TestOf(t *testing.T) {
	type heldOut struct {
		Split    string `json:"split"`
		ValPairs int    `json:"val_pairs"`
	}
	result := struct { // as that of a pretraining
		Steps      int                `json:"steps"`
		Epoch      int                `json:"epoch,omitempty"`
		Losses     map[string]float64 `json:"losses"`
		Videos     int                `json:"videos"`
		VideosPerS float64            `json:"videos_per_s"`
		Model      string             `json:"model"`
	}{Steps: 12000, Losses: map[string]float64{"loss_tag": 0.02345678, "loss": 15.0001}, Videos: 5, VideosPerS: 1e7, Model: "m"}
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"struct": {result, "steps 12,000|loss 15|loss_tag 0.0235|videos 5|videos_per_s 10,000,000|model m"},
		"embedded": {struct {
			Steps int `json:"steps"`
			heldOut
			Model string `json:"model"`
		}{3, heldOut{"strict", 1200}, "m"}, "steps 3|split strict|val_pairs 1,200|model m"},
		"list of structs": {struct {
			Steps   int       `json:"steps"`
			Machine []heldOut `json:"machine"`
		}{3, []heldOut{{"strict", 1200}}}, "steps 3"},
		"map": {map[string]any{"b": 1, "a": []string{"x", "y"}}, "a x, y|b 1"},
		"rows": {[]results.Score{{Model: "m", Split: "test_a", Pairs: 2893, Spearman: 0.61234, MSE: 0.07}},
			"model split pairs leaked_pairs spearman mse|m test_a 2,893 0 0.6123 0.0700"},
		"pointers": {[]*struct {
			ID     int64
			hidden int
			Skip   int `json:"-"`
		}{{ID: 545690777382102480}}, "ID|545690777382102480"},
	} {
		made, err := Of(c.value)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var lines []string
		for line := range strings.Lines(made.String()) {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
		if got := strings.Join(lines, "|"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for name, value := range map[string]any{"number": 7, "nothing": nil, "no rows": []results.Score{}, "numbers": []int{1},
		"nil": (*results.Score)(nil)} {
		if _, err := Of(value); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRounded(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.61234: "0.6123", -0.787: "-0.7870", 0.99996: "1", 0.0004: "0.0004",
		1234.5678: "1235", 98765.4: "98,770", 1e-9: "1e-09", -2.5: "-2.5", 1e12: "1e+12"} {
		if got := Rounded(v); got != want {
			t.Errorf("Rounded(%g) = %s, want %s", v, got, want)
		}
	}
}

// TestOfRowsThatDiffer: a row that lacks a field has an empty cell there, and a study's cells are such rows.
func TestOfRowsThatDiffer(t *testing.T) {
	cells := resultstest.TasksTable().Cells
	table, err := Of(cells)
	if err != nil {
		t.Fatal(err)
	}
	want := "label settings scores sd spearman difference published"
	if got := strings.Join(table.Header, " "); got != want {
		t.Errorf("header %q, want %q", got, want)
	}
	for i, row := range table.Rows {
		if len(row) != len(table.Header) || row[0].Text != string(cells[i].Label) {
			t.Errorf("row %v", row)
		}
	}
	first, last := table.Rows[0], table.Rows[3]
	if first[4].Text != "0.5100 [0.4900, 0.5300]" || first[1].Text != "pretrain.epochs=0" ||
		first[6].Text != "" || last[1].Text != "" || last[5].Text != "" || last[6].Text != ".8858" {
		t.Errorf("rows %v\n%v", first, last)
	}
}
