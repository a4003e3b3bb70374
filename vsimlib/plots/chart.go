// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vsim/vsimlib/confidence"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// Chart says which columns of a table of own numbers a figure has; Lines and Bars draw it. The table is a CSV file, or rows:
//
//	c := plots.Chart{X: "epochs", Y: "score", By: "loss"}
//	c.Rows = [][]any{{"loss", "epochs", "score"}, {"MSE", 1, 0.61}, {"MSE", 2, 0.62}}
//	nb.Show(nb.Figure("losses", c.Lines()))
//
// Rows that agree in X and By, such as those of several seeds, are one point: their mean, with its 95% interval by Student's
// distribution. Where Low and High name columns, these have the ends of the intervals, and no two rows may agree in X and By.
type Chart struct {
	File      string  // a CSV file with a header, or the metrics.jsonl of a run
	Rows      [][]any // without a file: the rows, the first of them the names of the columns
	X, Y      string  // columns; rows in which one of them is empty are left out
	By        string  // the column whose values are the series; empty: there is one series
	Low, High string  // the columns with the ends of y's intervals; empty: intervals are of repeated rows
	XLabel    string  // of the axis, with the unit; empty: X
	YLabel    string  // empty: Y
	Title     string  // empty: "YLabel by XLabel"
	LogX      bool    // of Lines: x has a logarithmic axis
}

// chartLevel is the level of the intervals of repeated rows.
const chartLevel = 0.95

// point is what a chart has at one x of a series: an estimate, whose Seeds count its rows.
type point struct {
	x      string // as in the table; of lines the shortest form of the number
	at     float64
	values []float64
	results.Estimate
}

// group is a series of a chart, its points in the order of the table.
type group struct {
	name   string
	points []*point
}

// read groups the rows of the table. With numeric, x has to be a number.
func (c Chart) read(numeric bool) (list []*group, err error) {
	source, header, rows, err := c.table()
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for _, name := range []string{c.X, c.Y, c.By, c.Low, c.High} {
		if name == "" {
			continue
		}
		if at[name], err = columnOf(source, header, name); err != nil {
			return nil, err
		}
	}
	series, points := map[string]*group{}, map[[2]string]*point{}
	for i, row := range rows {
		cell := func(name string) string {
			if name == "" {
				return ""
			}
			return row[at[name]]
		}
		if cell(c.X) == "" || cell(c.Y) == "" {
			continue
		}
		p, err := c.point(cell, numeric)
		by := cell(c.By)
		var before *point
		if err == nil {
			before = points[[2]string{by, p.x}]
		}
		if before != nil && c.Low != "" {
			err = fmt.Errorf("repeats %s of an earlier row; name in By the column in which they differ, or leave out Low and High",
				c.where(before.x, by))
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: row %d: %w", source, i+1, err)
		case before != nil:
			before.values = append(before.values, p.Mean)
			before.Estimate = meanOf(before.values)
			continue
		case series[by] == nil:
			series[by] = &group{name: by}
			list = append(list, series[by])
		}
		points[[2]string{by, p.x}] = p
		series[by].points = append(series[by].points, p)
	}
	switch {
	case len(list) == 0:
		return nil, fmt.Errorf("%s: no row has both columns", source)
	case len(list) > mostSeries:
		return nil, fmt.Errorf("%s: column %q has %d values, more than the %d series of a figure; draw a table with fewer", source, c.By,
			len(list), mostSeries)
	}
	return list, nil
}

// where names a point in messages.
func (c Chart) where(x, by string) string {
	if c.By == "" {
		return c.X + " " + x
	}
	return fmt.Sprintf("%s %s and %s %s", c.X, x, c.By, by)
}

// point reads one row.
func (c Chart) point(cell func(string) string, numeric bool) (p *point, err error) {
	p = &point{x: cell(c.X)}
	if p.Mean, err = finite(c.Y, cell(c.Y)); err != nil {
		return nil, err
	}
	p.values, p.Low, p.High, p.Seeds = []float64{p.Mean}, p.Mean, p.Mean, 1
	if numeric {
		if p.at, err = finite(c.X, p.x); err != nil {
			return nil, fmt.Errorf("%w; bars take text", err)
		}
		p.x = figure.Number(p.at) // 1 and 1.0 are one x
		if c.LogX && p.at <= 0 {
			return nil, fmt.Errorf("%s: %s is not above zero, so a logarithmic axis does not have it", c.X, p.x)
		}
	}
	if c.Low == "" || cell(c.Low) == "" && cell(c.High) == "" {
		return p, nil
	}
	if p.Low, err = finite(c.Low, cell(c.Low)); err == nil {
		p.High, err = finite(c.High, cell(c.High))
	}
	if err == nil && !(p.Low <= p.Mean && p.Mean <= p.High) {
		err = fmt.Errorf("%s %s is not between %s and %s", c.Y, cell(c.Y), cell(c.Low), cell(c.High))
	}
	return p, err
}

// finite reads a number of a column.
func finite(column, cell string) (float64, error) {
	v, err := text.Decimal(cell)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%s: %q is not a finite number", column, cell)
	}
	return v, nil
}

// meanOf is the mean of two numbers or more, with its interval.
func meanOf(values []float64) results.Estimate {
	m := confidence.OfSeeds(values)
	half := m.Half(chartLevel)
	return results.Estimate{Mean: m.Value, Low: m.Value - half, High: m.Value + half, Seeds: m.Seeds}
}

// table is where the numbers are from, the names of their columns, and the rows.
func (c Chart) table() (source string, header []string, rows [][]string, err error) {
	switch {
	case c.X == "" || c.Y == "":
		err = errors.New("a chart has two columns or more: name X and Y")
	case (c.Low == "") != (c.High == ""):
		err = errors.New("an interval has two ends: name both columns, Low and High, or neither")
	case (c.File == "") == (len(c.Rows) == 0):
		err = errors.New("a chart has either a File or Rows")
	}
	if err != nil {
		return "", nil, nil, err
	}
	if c.File != "" {
		header, rows, err = readTable(c.File)
		return c.File, header, rows, err
	}
	for i, row := range c.Rows {
		if len(row) != len(c.Rows[0]) {
			return "", nil, nil, fmt.Errorf("rows: row %d has %s, but the header has %d", i, text.Count(len(row), "cell"), len(c.Rows[0]))
		}
		var cells []string
		for _, v := range row {
			cells = append(cells, fmt.Sprint(v))
		}
		rows = append(rows, cells)
	}
	return "rows", rows[0], rows[1:], nil
}

// columnOf finds a column by its name.
func columnOf(source string, header []string, name string) (int, error) {
	i := slices.Index(header, name)
	if i < 0 {
		return 0, fmt.Errorf("%s: no column %q; the nearest is %q of %s", source, name, text.Nearest(name, header),
			strings.Join(header, ", "))
	}
	return i, nil
}

// words say what the chart shows.
func (c Chart) words(list []*group) string {
	source := "own numbers"
	if c.File != "" {
		source = filepath.Base(c.File)
	}
	var parts []string
	for _, g := range list {
		var values []string
		for _, p := range g.points {
			values = append(values, fmt.Sprintf("%.3g at %s", p.Mean, p.x))
		}
		parts = append(parts, strings.TrimPrefix(g.name+": "+text.Few(values, 8), ": "))
	}
	return fmt.Sprintf("%s by %s of %s%s. %s.", cmp.Or(c.YLabel, c.Y), cmp.Or(c.XLabel, c.X), source, c.intervalWords(list, "; "),
		strings.Join(parts, "; "))
}

// intervalWords say what the intervals are, after a separator; nothing where there are none.
func (c Chart) intervalWords(list []*group, separator string) string {
	if c.Low != "" {
		return fmt.Sprintf("%sintervals from %s to %s", separator, c.Low, c.High)
	}
	least, most := math.MaxInt, 0
	for _, g := range list {
		for _, p := range g.points {
			least, most = min(least, p.Seeds), max(most, p.Seeds)
		}
	}
	switch {
	case most == 1:
		return ""
	case least == most:
		return fmt.Sprintf("%smean of %d rows, %.0f%% interval", separator, most, 100*chartLevel)
	}
	return fmt.Sprintf("%smean of %d to %d rows, %.0f%% interval", separator, least, most, 100*chartLevel)
}

// rows are the drawn numbers.
func (c Chart) rows(list []*group) (header []string, rows [][]string) {
	for _, g := range list {
		for _, p := range g.points {
			rows = append(rows, []string{g.name, p.x, figure.Number(p.Mean), figure.Number(p.Low), figure.Number(p.High),
				strconv.Itoa(p.Seeds)})
		}
	}
	return []string{"series", "x", "mean", "low", "high", "rows"}, rows
}
