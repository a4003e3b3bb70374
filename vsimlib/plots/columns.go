// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/run"
	"vsim/vsimlib/text"
)

// mostSeries is how many series one panel shows.
const mostSeries = 12

// Columns draws column y of a CSV file with a header, or of a run's metrics.jsonl, against column x. Rows that agree in all columns
// of text are a series; rows in which x or y is empty are left out.
func Columns(file, x, y string) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		header, rows, err := readTable(file)
		if err != nil {
			return nil, err
		}
		var at [2]int
		for i, name := range []string{x, y} {
			if at[i], err = columnOf(file, header, name); err != nil {
				return nil, err
			}
		}
		list, err := seriesOf(file, rows, at[0], at[1])
		if err != nil {
			return nil, err
		}
		p := figure.NewPanel(fmt.Sprintf("%s against %s", y, x), x, y)
		d := &figure.Drawing{Width: 5 * vg.Inch, Height: 3.4 * vg.Inch, Header: []string{"series", x, y}}
		for i, c := range list {
			add := addMarks
			if slices.IsSorted(c.x) && len(c.x) > few {
				add = addLine
			}
			if err := add(p, c, figure.LookOfMany(i), c.name); err != nil {
				return nil, err
			}
			for k := range c.y {
				d.Rows = append(d.Rows, []string{c.name, figure.Number(c.x[k]), figure.Number(c.y[k])})
			}
		}
		figure.Pad(p)
		d.Panels = [][]*plot.Plot{{p}}
		d.Alt = fmt.Sprintf("%s against %s of %s: %s, %s.", y, x, filepath.Base(file), text.Count(len(d.Rows), "point"),
			text.Plural(len(list), "one series", fmt.Sprintf("%d series", len(list))))
		return d, nil
	}}
}

// readTable reads a CSV file, or the metrics.jsonl of a run: its header and its rows, which all have as many cells.
func readTable(file string) (header []string, rows [][]string, err error) {
	if filepath.Ext(file) == ".jsonl" {
		return readLines(file)
	}
	data, err := filetype.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	all, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("%s: is no CSV: %w%s", file, err, filetype.Hint(data))
	case len(all) < 2:
		return nil, nil, fmt.Errorf("%s: has no rows under a header", file)
	}
	return all[0], all[1:], nil
}

// readLines reads the lines of a metrics.jsonl as rows under all their names. A line without a name has an empty cell there.
func readLines(file string) (header []string, rows [][]string, err error) {
	lines, err := run.ReadMetrics(file)
	if err != nil {
		return nil, nil, err
	}
	if len(lines) == 0 {
		return nil, nil, fmt.Errorf("%s: no step is logged yet", file)
	}
	names := map[string]bool{}
	for _, line := range lines {
		for name := range line {
			names[name] = true
		}
	}
	header = slices.Sorted(maps.Keys(names))
	for _, line := range lines {
		row := make([]string, len(header))
		for i, name := range header {
			switch v := line[name].(type) {
			case nil:
			case float64:
				row[i] = figure.Number(v)
			default:
				row[i] = fmt.Sprint(v)
			}
		}
		rows = append(rows, row)
	}
	return header, rows, nil
}

// seriesOf groups the points of two columns by the columns of text, in the order of the file.
func seriesOf(file string, rows [][]string, x, y int) (list []curve, err error) {
	texts := textColumns(rows, x, y)
	for _, row := range rows {
		if row[x] == "" || row[y] == "" {
			continue
		}
		var point [2]float64
		for i, column := range []int{x, y} {
			if point[i], err = text.Decimal(row[column]); err != nil {
				return nil, fmt.Errorf("%s: %q is not a number", file, row[column])
			}
		}
		var words []string
		for _, i := range texts {
			words = append(words, row[i])
		}
		name := strings.Join(words, ", ")
		i := slices.IndexFunc(list, func(c curve) bool { return c.name == name })
		if i < 0 {
			if i = len(list); i == mostSeries {
				return nil, fmt.Errorf("%s: has more than %d series; draw a file with fewer", file, mostSeries)
			}
			list = append(list, curve{name: name})
		}
		list[i].x, list[i].y = append(list[i].x, point[0]), append(list[i].y, point[1])
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no row has both columns", file)
	}
	return list, nil
}

// textColumns are the columns besides x and y that have a cell which is not a number.
func textColumns(rows [][]string, x, y int) (list []int) {
	for i := range rows[0] {
		if i != x && i != y && slices.ContainsFunc(rows, func(row []string) bool {
			_, err := text.Decimal(row[i])
			return err != nil && row[i] != ""
		}) {
			list = append(list, i)
		}
	}
	return list
}
