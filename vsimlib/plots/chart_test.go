// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/plots/figure"
)

// ownRows are two losses under three seeds, and one row alone.
var ownRows = [][]any{
	{"loss", "epochs", "seed", "score"},
	{"MSE", 2, 1, 0.5}, {"MSE", 2, 2, 0.6}, {"MSE", 2, 3, 0.75},
	{"MSE", 1, 1, 0.25}, {"MSE", 1, 2, 0.5},
	{"own", 1, 1, 0.375},
	{"own", 2, 1, ""},
}

// TestChartMeans: rows that agree in x and series are one point, with Student's interval: mean ± t·sd/√n, where scipy 1.17.1 gives
// stats.t.interval(.95, 2, mean, stats.sem([.5, .6, .75])) = (0.304086, 0.929247) and of [.25, .5] (-1.213276, 1.963276).
func TestChartMeans(t *testing.T) {
	c := Chart{Rows: ownRows, X: "epochs", Y: "score", By: "loss"}
	for name, f := range map[string]func() (rows []string, alt string){
		"lines": func() ([]string, string) { return points(t, c.Lines()) },
		"bars":  func() ([]string, string) { return points(t, c.Bars()) },
	} {
		rows, alt := f()
		if want := "score by epochs of own numbers; mean of 1 to 3 rows, 95% interval. " +
			"MSE: 0.617 at 2, 0.375 at 1; own: 0.375 at 1."; alt != want {
			t.Errorf("%s: %q, want %q", name, alt, want)
		}
		for i, want := range []struct {
			series, x       string
			mean, low, high float64
			rows            int
		}{
			{"MSE", "2", 0.616667, 0.304086, 0.929247, 3},
			{"MSE", "1", 0.375, -1.213276, 1.963276, 2},
			{"own", "1", 0.375, 0.375, 0.375, 1},
		} {
			cells := strings.Split(rows[i], ",")
			var got [3]float64
			for k := range got {
				if _, err := fmt.Sscan(cells[2+k], &got[k]); err != nil {
					t.Fatal(err)
				}
			}
			if cells[0] != want.series || cells[1] != want.x || cells[5] != fmt.Sprint(want.rows) ||
				math.Abs(got[0]-want.mean)+math.Abs(got[1]-want.low)+math.Abs(got[2]-want.high) > 3e-6 {
				t.Errorf("%s: row %d is %q, want %+v", name, i, rows[i], want)
			}
		}
	}
}

// TestChartSameNumber: lines take two spellings of one number for one x, bars take text as it is.
func TestChartSameNumber(t *testing.T) {
	c := Chart{Rows: [][]any{{"x", "y"}, {"1", 0.25}, {"1.0", 0.75}}, X: "x", Y: "y"}
	for want, f := range map[string]figure.Figure{"1 0.5": c.Lines(), "1 0.25 1.0 0.75": c.Bars()} {
		rows, _ := points(t, f)
		var got []string
		for _, row := range rows {
			got = append(got, strings.Split(row, ",")[1:3]...)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestChartFile: a file with the ends of the intervals, as studies write it, is drawn as it is, and the same twice.
func TestChartFile(t *testing.T) {
	path := filetest.Write(t, t.TempDir()+"/sweep.csv",
		"cell,series,x,mean,low,high\na,one,1e-05,0.5,0.25,0.75\nb,one,0.001,0.625,0.5,0.75\nc,two,1e-05,0.25,,\n")
	c := Chart{File: path, X: "x", Y: "mean", By: "series", Low: "low", High: "high", LogX: true, Title: "<A> & B", XLabel: "rate"}
	rows, alt := points(t, c.Lines())
	if got := strings.Join(rows, " "); got != "one,1e-05,0.5,0.25,0.75,1 one,0.001,0.625,0.5,0.75,1 two,1e-05,0.25,0.25,0.25,1" {
		t.Error(got)
	}
	if !strings.HasPrefix(alt, "mean by rate of sweep.csv; intervals from low to high. one: 0.5 at 1e-05") {
		t.Error(alt)
	}
	first, err := c.Lines().Encode(".svg")
	second, err2 := c.Lines().Encode(".svg")
	if err != nil || err2 != nil || string(first) != string(second) {
		t.Errorf("%v, %v, or two different files", err, err2)
	}
	for _, part := range []string{"fill-opacity", "&lt;A&gt; &amp; B", ">rate<", ">two<"} {
		if !strings.Contains(string(first), part) {
			t.Errorf("no %q in the figure", part)
		}
	}
	valid(t, first)
}

// TestChartMetrics: the log of a run is a table of its lines; those without a column are left out.
func TestChartMetrics(t *testing.T) {
	path := filetest.Write(t, t.TempDir()+"/metrics.jsonl",
		`{"step":1,"epoch":0.5,"loss":2}`+"\n"+`{"step":2,"epoch":1,"loss":1.5}`+"\n"+`{"step":2,"val_spearman":0.25}`+"\n")
	for y, want := range map[string]string{"loss": ",1,2,2,2,1 ,2,1.5,1.5,1.5,1", "val_spearman": ",2,0.25,0.25,0.25,1"} {
		rows, _ := points(t, Chart{File: path, X: "step", Y: y}.Lines())
		if got := strings.Join(rows, " "); got != want {
			t.Errorf("%s: %q, want %q", y, got, want)
		}
	}
	for text, want := range map[string]string{"": "no step is logged yet", `{"step":1}` + "\n": `no column "loss"`} {
		filetest.Write(t, path, text)
		_, err := Chart{File: path, X: "step", Y: "loss"}.Lines().Encode(".svg")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// valid checks that a figure is XML.
func valid(t *testing.T, svg []byte) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestChartBars: bars of one series and of many, upright and one below the other, down from zero, and of zeros alone.
func TestChartBars(t *testing.T) {
	long := [][]any{{"method", "delta", "by"}}
	for i := range 14 {
		for _, by := range []string{"a", "b"} {
			long = append(long, []any{fmt.Sprintf("a method with a rather long name, %d", i), float64(i)/10 - 0.6, by})
		}
	}
	for name, c := range map[string]struct {
		Chart
		upright bool
	}{
		"long":  {Chart{Rows: long, X: "method", Y: "delta", By: "by"}, false},
		"one":   {Chart{Rows: [][]any{{"x", "y"}, {"MSE", -1}}, X: "x", Y: "y"}, true},
		"zeros": {Chart{Rows: [][]any{{"x", "y"}, {"MSE", 0}, {"own", 0}}, X: "x", Y: "y"}, true},
	} {
		d, err := c.Bars().Drawing()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p := d.Panels[0][0]
		if upright := p.X.Label.Text == c.X; upright != c.upright {
			t.Errorf("%s: upright %t", name, upright)
		}
		values := p.Y
		if !c.upright {
			values = p.X
		}
		if !(values.Min <= 0 && values.Max >= 0 && values.Min < values.Max) || d.Width > widestChart+1 {
			t.Errorf("%s: from %g to %g, width %v", name, values.Min, values.Max, d.Width)
		}
		svg, err := c.Bars().Encode(".svg")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		valid(t, svg)
	}
}

// TestChartErrors: what a chart cannot show is refused with the row and the way out.
func TestChartErrors(t *testing.T) {
	ends := Chart{X: "x", Y: "y", Low: "low", High: "high"}
	rows := func(c Chart, list ...[]any) Chart { c.Rows = list; return c }
	plain, by := Chart{X: "x", Y: "y"}, Chart{X: "x", Y: "y", By: "by"}
	many := [][]any{{"x", "y", "by"}}
	for i := range 61 {
		many = append(many, []any{i, 1, "one"})
	}
	series := [][]any{{"x", "y", "by"}}
	for i := range 13 {
		series = append(series, []any{1, 1, i})
	}
	for _, c := range []struct {
		Chart
		bars bool
		want string
	}{
		{Chart{File: "a.csv"}, false, "a chart has two columns or more: name X and Y"},
		{Chart{File: "a.csv", X: "x", Y: "y", Low: "low"}, false, "an interval has two ends"},
		{plain, false, "a chart has either a File or Rows"},
		{Chart{File: "none.csv", X: "x", Y: "y"}, false, "none.csv"},
		{rows(plain, []any{"x", "score"}, []any{1, 2}), false, `rows: no column "y"; the nearest is "x" of x, score`},
		{rows(plain, []any{"x", "y"}, []any{1}), false, "rows: row 1 has 1 cell, but the header has 2"},
		{rows(plain, []any{"x", "y"}, []any{"", 1}), false, "no row has both columns"},
		{rows(plain, []any{"x", "y"}, []any{1, 1}, []any{"two", 1}), false, `rows: row 2: x: "two" is not a finite number; bars take text`},
		{rows(plain, []any{"x", "y"}, []any{1, math.NaN()}), true, `rows: row 1: y: "NaN" is not a finite number`},
		{rows(Chart{X: "x", Y: "y", LogX: true}, []any{"x", "y"}, []any{0, 1}), false, "row 1: x: 0 is not above zero"},
		{rows(ends, []any{"x", "y", "low", "high"}, []any{1, 2, 3, 4}), false, "row 1: y 2 is not between 3 and 4"},
		{rows(ends, []any{"x", "y", "low", "high"}, []any{1, 2, "", 4}), false, `row 1: low: "" is not a finite number`},
		{rows(ends, []any{"x", "y", "low", "high"}, []any{1, 2, 1, 4}, []any{1, 2, 1, 4}), false,
			"row 2: repeats x 1 of an earlier row; name in By the column in which they differ"},
		{rows(by, many...), true, "x has 61 values, more than the 60 groups of bars"},
		{rows(by, series...), false, `rows: column "by" has 13 values, more than the 12 series`},
	} {
		f := c.Lines()
		if c.bars {
			f = c.Bars()
		}
		if _, err := f.Encode(".svg"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
