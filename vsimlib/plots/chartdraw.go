// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vsim/vsimlib/plots/figure"
)

// Sizes of a chart.
const (
	chartWidth  = 5.4 * vg.Inch
	widestChart = 9 * vg.Inch
	chartHeight = 3.4 * vg.Inch
)

// mostGroups is how many groups of bars a chart shows.
const mostGroups = 60

// Lines draws y over x, a line a series in the order of x, with a band between the ends of the intervals. Up to 40 points of a line
// have marks.
func (c Chart) Lines() figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		list, err := c.read(true)
		if err != nil {
			return nil, err
		}
		p := c.panel()
		estimates := make([]figure.Whiskered, len(list))
		for i, g := range list {
			sorted := slices.SortedStableFunc(slices.Values(g.points), func(a, b *point) int { return cmp.Compare(a.at, b.at) })
			for _, o := range sorted {
				estimates[i].Add(o.at, o.Estimate)
			}
			if err := addInterval(p, estimates[i], figure.LookOfMany(i)); err != nil {
				return nil, err
			}
		}
		for i, w := range estimates { // over the bands of all
			xys := make(plotter.XYs, w.Len())
			for k := range xys {
				xys[k].X, xys[k].Y = w.XY(k)
			}
			if w.Len() > few {
				err = figure.AddLine(p, xys, 1.4, figure.LookOfMany(i), "")
			} else {
				err = figure.AddJoinedMarks(p, xys, figure.LookOfMany(i), "")
			}
			if err != nil {
				return nil, err
			}
		}
		if c.LogX {
			figure.LogX(p)
		}
		figure.Pad(p)
		return c.drawing(p, list, chartWidth, func(look figure.Look, e *figure.Entry) {
			if slices.ContainsFunc(list, func(g *group) bool { return len(g.points) <= few }) {
				e.Mark = look.Mark
			}
			e.Line = &draw.LineStyle{Color: look.Color, Width: vg.Points(1.2), Dashes: look.Dash}
		}), nil
	}}
}

// addInterval draws the band of a line, or the interval of a point alone.
func addInterval(p *plot.Plot, w figure.Whiskered, as figure.Look) error {
	if w.Len() == 1 {
		return figure.AddWhiskers(p, w, as, false)
	}
	return figure.AddBand(p, w, as)
}

// Bars draws y by the text of x, in the order of the table: a bar a series, from zero, with the intervals as whiskers. Where the
// texts are too wide to be side by side, the bars are one below the other.
func (c Chart) Bars() figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		list, err := c.read(false)
		if err != nil {
			return nil, err
		}
		var names []string
		for _, g := range list {
			for _, o := range g.points {
				if !slices.Contains(names, o.x) {
					names = append(names, o.x)
				}
			}
		}
		if len(names) > mostGroups {
			return nil, fmt.Errorf("%s%s has %d values, more than the %d groups of bars of a figure; draw lines, or fewer rows",
				strings.TrimPrefix(c.File+": ", ": "), c.X, len(names), mostGroups)
		}
		p := c.panel()
		size := vg.Length(len(names))*(widestName(p, names)+vg.Points(10)) + 0.9*vg.Inch
		along := size > widestChart
		if err := addGroups(p, list, names, along); err != nil {
			return nil, err
		}
		values, texts := &p.Y, &p.X
		if along {
			values, texts = texts, values
			p.X.Label.Text, p.Y.Label.Text = p.Y.Label.Text, p.X.Label.Text
		}
		roomForBars(values)
		texts.Min, texts.Max, texts.Tick.Length = 0, float64(len(names)), 0
		texts.Tick.Marker = figure.Names(names, along)
		width := max(chartWidth, size)
		if along {
			width = max(chartWidth, widestName(p, names)+0.6*chartWidth)
		}
		d := c.drawing(p, list, width, func(look figure.Look, e *figure.Entry) { e.Color = figure.Pale(look.Color) })
		if along {
			d.Height += max(0, vg.Length(len(names)*len(list))*vg.Points(9)+vg.Length(len(names))*vg.Points(5)+1.1*vg.Inch-chartHeight)
		}
		return d, nil
	}}
}

// addGroups draws a group of bars for each name, and the line that they begin at.
func addGroups(p *plot.Plot, list []*group, names []string, along bool) error {
	width := 0.8 / float64(len(list)) // of a bar, where groups are 1 apart
	for i, g := range list {
		var w figure.Whiskered
		for _, o := range g.points {
			at := float64(slices.Index(names, o.x)) + 0.5 + width*(float64(i)-float64(len(list)-1)/2)
			if along {
				at = float64(len(names)) - at // the first one is on top
			}
			w.Add(at, o.Estimate)
		}
		if err := figure.AddBars(p, w, 0.92*width, figure.LookOfMany(i), along); err != nil {
			return err
		}
	}
	end := plotter.XY{X: float64(len(names))}
	if along {
		end = plotter.XY{Y: end.X}
	}
	return figure.AddLine(p, plotter.XYs{{}, end}, 0.8, figure.Look{Color: figure.InkColor}, "")
}

// panel is the empty chart.
func (c Chart) panel() *plot.Plot {
	x, y := cmp.Or(c.XLabel, c.X), cmp.Or(c.YLabel, c.Y)
	return figure.NewPanel(cmp.Or(c.Title, y+" by "+x), x, y)
}

// drawing puts the panel over a key of the series.
func (c Chart) drawing(p *plot.Plot, list []*group, width vg.Length, look func(figure.Look, *figure.Entry)) *figure.Drawing {
	d := &figure.Drawing{Width: width, Height: chartHeight, Panels: [][]*plot.Plot{{p}}, Alt: c.words(list)}
	d.Header, d.Rows = c.rows(list)
	if words := c.intervalWords(list, ""); words != "" {
		p.Title.Text += "\n" + words
	}
	if c.By == "" {
		return d
	}
	d.Key = &figure.Key{Title: c.By}
	for i, g := range list {
		e := figure.Entry{Name: g.name, Color: figure.LookOfMany(i).Color}
		look(figure.LookOfMany(i), &e)
		d.Key.Entries = append(d.Key.Entries, e)
	}
	d.Key.Fit(width)
	d.Height += d.Key.Height()
	return d
}

// roomForBars leaves room at the ends of the bars, and none at zero.
func roomForBars(values *plot.Axis) {
	values.Min, values.Max = min(0, values.Min), max(0, values.Max)
	space := 0.06 * (values.Max - values.Min)
	if space == 0 { // all are zero
		space = 1
	}
	if values.Min < 0 {
		values.Min -= space
	}
	if values.Max > 0 || values.Min == 0 {
		values.Max += space
	}
}

// widestName is the width of the widest name at a tick.
func widestName(p *plot.Plot, names []string) (width vg.Length) {
	for _, name := range names {
		width = max(width, p.X.Tick.Label.Width(name))
	}
	return width
}
