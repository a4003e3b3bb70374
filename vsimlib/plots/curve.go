// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/run"
)

// curve is a named series of points over training steps.
type curve struct {
	name string
	x, y []float64
}

// logged are the lines of one run's metrics.jsonl.
type logged struct {
	name     string
	lines    []map[string]any
	perEpoch float64 // steps
}

// readRuns reads the metrics of runs; each goes by its directory's name, or by its parent's where that says only the stage.
func readRuns(dirs []run.Dir) ([]logged, error) {
	if len(dirs) == 0 {
		return nil, errors.New("no run to draw")
	}
	paths := make([]string, len(dirs))
	for i, dir := range dirs {
		paths[i] = string(dir)
	}
	var all []logged
	for i, name := range run.Names(paths) {
		dir, l := dirs[i], logged{name: name}
		var err error
		if l.lines, err = run.ReadMetrics(dir.Metrics()); err != nil {
			return nil, err
		}
		if len(l.lines) == 0 {
			return nil, fmt.Errorf("%s: no step is logged yet", dir.Metrics())
		}
		last := l.lines[len(l.lines)-1]
		if step, epoch := value(last, "step"), value(last, "epoch"); epoch > 0 {
			l.perEpoch = step / epoch
		}
		all = append(all, l)
	}
	return all, nil
}

// value is a number of a line, NaN where the line does not have it.
func value(line map[string]any, name string) float64 {
	if v, ok := line[name].(float64); ok {
		return v
	}
	return math.NaN()
}

// series are the points of one name, in the order of the lines.
func (l logged) series(name string) curve {
	c := curve{name: l.name}
	for _, line := range l.lines {
		if v := value(line, name); !math.IsNaN(v) {
			c.x, c.y = append(c.x, value(line, "step")), append(c.y, v)
		}
	}
	return c
}

// window is how many steps smoothing takes the mean of: odd, a thirtieth of all.
func window(steps int) int { return 2*max(2, steps/60) + 1 }

// smooth takes the mean over a window around each point, or over as much of it as there is at the ends.
func smooth(y []float64) []float64 {
	sums := make([]float64, len(y)+1)
	for i, v := range y {
		sums[i+1] = sums[i] + v
	}
	half := window(len(y)) / 2
	out := make([]float64, len(y))
	for i := range y {
		from, to := max(0, i-half), min(len(y), i+half+1)
		out[i] = (sums[to] - sums[from]) / float64(to-from)
	}
	return out
}

// points turns a curve into gonum's form.
func (c curve) points(y []float64) plotter.XYs {
	xys := make(plotter.XYs, len(y))
	for i := range y {
		xys[i].X, xys[i].Y = c.x[i], y[i]
	}
	return xys
}

// addRaw draws the values as they are, pale.
func addRaw(p *plot.Plot, c curve, as figure.Look) error {
	return c.join(p, c.points(c.y), 0.6, figure.Look{Color: figure.Pale(as.Color)}, "")
}

// addSmooth draws the smoothed values over them, where there is a whole window: shorter means at the ends show single steps more
// than the trend.
func addSmooth(p *plot.Plot, c curve, as figure.Look, legend string) error {
	points := c.points(smooth(c.y))
	if half := window(len(points)) / 2; len(points) > 4*half {
		points = points[half : len(points)-half]
	}
	return c.join(p, points, 1.6, as, legend)
}

// addLine draws the values as they are, as a line.
func addLine(p *plot.Plot, c curve, as figure.Look, legend string) error {
	return c.join(p, c.points(c.y), 1.4, as, legend)
}

// join draws a line of a width, in points, through points of the curve.
func (c curve) join(p *plot.Plot, points plotter.XYs, width float64, as figure.Look, legend string) error {
	return c.named(figure.AddLine(p, points, width, as, legend))
}

// named says of which curve an error is.
func (c curve) named(err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	return nil
}

// addMarks draws the values as marks joined by a line.
func addMarks(p *plot.Plot, c curve, as figure.Look, legend string) error {
	return c.named(figure.AddJoinedMarks(p, c.points(c.y), as, legend))
}

// curveRows are the points of several curves as lines of a CSV.
type curveRows struct{ rows [][]string }

var curveHeader = []string{"run", "series", "step", "value", "smoothed"}

func (t *curveRows) add(series string, c curve, smoothed bool) {
	mean := smooth(c.y)
	for i, y := range c.y {
		row := []string{c.name, series, figure.Number(c.x[i]), figure.Number(y), ""}
		if smoothed {
			row[4] = fmt.Sprintf("%.6g", mean[i])
		}
		t.rows = append(t.rows, row)
	}
}

// stepLabel names the axis of steps, with what an epoch is where all runs agree on it.
func stepLabel(all []logged) string {
	per := all[0].perEpoch
	for _, l := range all {
		if l.perEpoch != per {
			return "step"
		}
	}
	if per < 2 {
		return "step"
	}
	return fmt.Sprintf("step (%.0f an epoch)", per)
}

// lossWords says how the smoothed loss of each run went.
func lossWords(what string, all []logged) string {
	var parts []string
	for _, l := range all {
		c := l.series("loss")
		if len(c.y) == 0 {
			continue
		}
		mean := smooth(c.y)
		middle := mean[len(mean)/2]
		parts = append(parts, fmt.Sprintf("%s from %.3g in its first steps to %.3g half way and %.3g at the end, step %.0f",
			l.name, mean[0], middle, mean[len(mean)-1], c.x[len(c.x)-1]))
	}
	return what + " losses over training steps: " + strings.Join(parts, "; ") + "."
}
