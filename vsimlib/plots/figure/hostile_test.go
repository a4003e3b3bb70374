// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"gonum.org/v1/plot"

	"vsim/vsimlib/text"
)

// TestHostileLabels: labels and descriptions that come from files are text in an SVG and no formulas in a CSV.
func TestHostileLabels(t *testing.T) {
	for _, label := range []string{"<script>alert(1)</script>", `"><a href="javascript:x">`, "]]>", "&lt;",
		"\x1b[2J\u202e\u009b31m", "=1+1\n@x"} {
		p := plot.New()
		p.Title.Text, p.X.Label.Text = label, label
		d := &Drawing{Alt: label, Panels: [][]*plot.Plot{{p}}, Width: 200, Height: 200, Header: []string{label},
			Rows: [][]string{{label}}}
		svg, err := d.svg()
		if err != nil {
			t.Fatal(err)
		}
		for decoder := xml.NewDecoder(bytes.NewReader(svg)); ; {
			token, err := decoder.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%q: the SVG is no XML: %v", label, err)
			}
			if start, is := token.(xml.StartElement); is && (start.Name.Local == "script" || start.Name.Local == "a") {
				t.Errorf("%q: became the element %s", label, start.Name.Local)
			}
		}
		if s := strings.ReplaceAll(string(svg), "\t", " "); text.CleanLines(s) != s {
			t.Errorf("%q: the SVG has what turns text or steers a terminal", label)
		}
		table, err := d.csv()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
		if err != nil || len(rows) != 2 || strings.HasPrefix(rows[1][0], "=") || text.Clean(rows[1][0]) != rows[1][0] {
			t.Errorf("%q: rows %q, %v", label, rows, err)
		}
	}
}
