// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"fmt"
	"math"
	"strings"

	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
)

// place gives the cells their values on the figure's axis, where there is one: those that are given, or else the value of the
// setting that varies. Where settings are multiplied, values are relative to the base's.
func (d Definition) place(s *study.Study) error {
	if len(s.Cells) == 0 {
		return nil
	}
	if d.Axis != nil {
		s.Axis = *d.Axis
	}
	given := 0
	for i, c := range d.Cells {
		if c.X != nil {
			s.Cells[i].X = *c.X
			given++
		}
	}
	setting := d.along(s)
	switch {
	case setting == "" && given == 0 && d.Axis == nil:
		s.Axis = results.Axis{}
		return nil
	case setting == "" && given < len(d.Cells):
		return fmt.Errorf("the grid has an axis, and not all cells a value on it: give each its nb.X, in a file its \"x\"")
	}
	relative := len(d.Times) > 0 || s.Axis.Label != "" && s.Name == study.LossWeights && d.Axis == nil
	multiplied := len(d.Cells) + len(d.Members) // the first of Times, which are placed by their factors
	for i := range s.Cells {
		if i < len(d.Cells) && d.Cells[i].X != nil || setting == "" || i >= multiplied && i < multiplied+d.factors() {
			continue
		}
		if err := d.placeCell(s, i, setting, relative); err != nil {
			return err
		}
	}
	if s.Axis.Label == "" {
		s.Axis = usualAxis(s.Cells, setting, relative)
	}
	return nil
}

// along is the setting that the axis is of: the first of Vary, or the one of Values, whose values are numbers, or the first of
// Times.
func (d Definition) along(s *study.Study) string {
	for _, a := range d.Vary {
		if numeric(s, a.Setting) {
			return a.Setting
		}
	}
	if len(d.Values) > 0 && numeric(s, study.Varied(d.Name)[0]) {
		return study.Varied(d.Name)[0]
	}
	if len(d.Times) > 0 {
		return d.Times[0].Setting
	}
	return ""
}

func numeric(s *study.Study, setting string) bool {
	_, ok := s.Number(s.Base, setting)
	return ok
}

// placeCell puts a cell on the axis of a setting, and into a series where the other settings that vary have it in one.
func (d Definition) placeCell(s *study.Study, i int, setting string, relative bool) error {
	c := &s.Cells[i]
	if name, _, _ := strings.Cut(strings.Join(c.Set, " "), "="); relative && len(c.Set) == 1 && numeric(s, name) {
		setting = name
	}
	r, err := s.Recipe(*c)
	if err != nil {
		return err
	}
	x, ok := s.Number(r, setting)
	if !ok {
		return fmt.Errorf("cell %s: %s is no number, so it has no value on the axis; give it one with nb.X", c.Label, setting)
	}
	if relative {
		base, _ := s.Number(s.Base, setting)
		if base == 0 {
			return fmt.Errorf("%s is 0 in the base, so no value is relative to it", setting)
		}
		x /= base
		if len(c.Set) == 1 && c.Series == "" {
			c.Series = study.SeriesOf(setting)
		}
	}
	c.X = x
	if c.Series == "" && len(d.Vary) > 1 && i >= len(s.Cells)-d.varied() {
		c.Series = d.series(*c, setting)
	}
	return nil
}

// factors is the number of cells of Times.
func (d Definition) factors() (n int) {
	for _, a := range d.Times {
		n += len(a.Values)
	}
	return n
}

// varied is the number of cells of the product.
func (d Definition) varied() int {
	n := min(1, len(d.Vary))
	for _, a := range d.Vary {
		n *= len(a.Values)
	}
	return n
}

// series is the line of a cell of a product: the labels of all settings but the axis's.
func (d Definition) series(c study.Cell, axis string) string {
	var others []string
	for _, set := range c.Set {
		if name, value, _ := strings.Cut(set, "="); name != axis {
			others = append(others, string(study.ValueLabel(name, value)))
		}
	}
	return strings.Join(others, ", ")
}

// wide is the ratio of values from which on an axis is logarithmic.
const wide = 20

// usualAxis is that of a setting.
func usualAxis(cells []study.Cell, setting string, relative bool) results.Axis {
	least, most := math.Inf(1), 0.
	for _, c := range cells {
		if v := math.Abs(c.X); v > 0 {
			least, most = min(least, v), max(most, v)
		}
	}
	a := results.Axis{Label: setting, Log: most > wide*least}
	if relative {
		a.Label = "Value of the setting, times the base's"
	}
	if setting == "" {
		a.Label = "x"
	}
	return a
}
