// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
)

// said is the text of a view that is one text.
func said(v View, err error) (string, error) {
	if err != nil || len(v) != 1 {
		return "", fmt.Errorf("%d outputs, %w", len(v), err)
	}
	return string(v[0].(markdownView)), nil
}

func TestSaw(t *testing.T) {
	w := settle(t)
	if _, err := said(Saw("r", "x")); err == nil {
		t.Error("words without results")
	}
	rows := []map[string]any{{"model": "a_b", "rho": 0.61234, "n": 12000}, {"model": "c", "rho": 0.6}}
	if err := w.SaveResult("r", "scores", rows); err != nil {
		t.Fatal(err)
	}
	if err := w.SaveResult("r", "share", 0.1234); err != nil {
		t.Fatal(err)
	}
	const mark = "Scale `tiny`: every part works, and its numbers mean nothing.\n\n"
	for text, want := range map[string]string{
		"no value":          "no value",
		"{{.share}}":        "0.1234",
		"{{pct .share}} of": "12.3% of",
		`{{(row .scores "model" "a_b").rho}} and {{(index .scores 0).n}}`:                        "0.6123 and 12,000",
		`{{by (row .scores "model" "a_b").rho (row .scores "model" "c").rho}} {{len .scores}}`:   "0.012 above 2",
		`{{if gt .share 0.5}}large{{else}}small{{end}}: {{(index .scores 0).model}}`:             `small: a\_b`,
		`{{$a := row .scores "model" "a_b"}}{{$a.n}}{{with $a}}, {{pct .rho}}{{end}}`:            "12,000, 61.2%",
		`{{range .scores}}{{.model}} {{end}}{{(last .scores).rho}} {{over (minus 3.0 1.0) 4.0}}`: `a\_b c 0.6000 0.5000`,
	} {
		if got, err := said(Saw("r", text)); err != nil || got != mark+want {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"{{.none}}", `{{row .scores "model" "d"}}`, "{{.scores}}", "{{", "{{last .share}}",
		`{{(row .scores "model" "c").n}}`} {
		if got, err := said(Saw("r", text)); err == nil {
			t.Errorf("%s gives %q", text, got)
		}
	}
	if _, err := Saw("r"); err == nil || !strings.Contains(err.Error(), `no text is of "r"`) {
		t.Errorf("without a text: %v", err)
	}
	t.Setenv("VSIM_SCALE", competition.ScaleDemo)
	if got, err := said(Saw("r", "{{.share}}")); err != nil || got != mark+"0.1234" {
		t.Errorf("results of scale tiny, read at scale demo: %q, %v", got, err)
	}
}
