// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
)

// define sets what the study asks and its cells. s begins as the named study of its name, where there is one.
func (d Definition) define(s *study.Study) error {
	named := *s
	if d.own() {
		s.Cells, s.Axis, s.Baseline, s.Dims = nil, results.Axis{}, "", nil
		cells, err := d.cells(s)
		if err != nil {
			return d.named(err)
		}
		s.Cells = cells
		if asNamed(s, &named) {
			s.Axis = named.Axis
			publish(s.Cells, named.Cells)
		} else {
			s.Question = d.Name
		}
		if err := d.place(s); err != nil {
			return d.named(err)
		}
		s.Baseline = d.baseline(s, named.Baseline)
	}
	if !d.own() && d.Axis != nil {
		s.Axis = *d.Axis
	}
	if d.Question != "" {
		s.Question = d.Question
	}
	if d.Baseline != "" {
		s.Baseline = d.Baseline
	}
	if len(d.Ensembles) > 0 {
		s.Dims = d.Ensembles
	}
	return nil
}

// named is an error that says of which study it is.
func (d Definition) named(err error) error {
	if strings.HasPrefix(err.Error(), "study ") {
		return err
	}
	return fmt.Errorf("study %s: %w", d.Name, err)
}

// cells are those of the definition; values on the axis come later.
func (d Definition) cells(s *study.Study) ([]study.Cell, error) {
	var list []study.Cell
	for _, c := range d.Cells {
		cell := study.Cell{Label: c.Label, Series: c.Series, Member: c.Member, Set: c.Set, Tune: c.Tune}
		for _, change := range c.Change {
			if err := change.Change(&cell); err != nil {
				return nil, fmt.Errorf("cell %s: %w", c.Label, err)
			}
		}
		list = append(list, study.TaughtBy(cell, c.Teachers...))
	}
	for _, n := range d.Members {
		list = append(list, study.Cell{Label: study.Member(n), X: float64(n), Member: n})
	}
	for _, along := range d.Times {
		more, err := multiplied(s, along)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	if len(d.Values) > 0 {
		list = append(list, d.values(s)...)
	}
	return append(list, product(d.Vary)...), nil
}

// multiplied are the cells of one setting's factors.
func multiplied(s *study.Study, along Along) ([]study.Cell, error) {
	value, ok := s.Number(s.Base, along.Setting)
	if !ok {
		if err := new(recipe.Recipe).Set(along.Setting + "=1"); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s is no number in the base, so it cannot be multiplied", along.Setting)
	}
	if value == 0 {
		return nil, fmt.Errorf("%s is 0 in the base, so it cannot be multiplied", along.Setting)
	}
	var list []study.Cell
	for _, v := range along.Values {
		factor, err := strconv.ParseFloat(string(v), 64)
		if err != nil {
			return nil, err
		}
		list = append(list, study.Cell{Label: study.FactorLabel(along.Setting, factor), Series: study.SeriesOf(along.Setting),
			X: factor, Set: []string{along.Setting + "=" + string(number(factor*value))}})
	}
	return list, nil
}

// values are the cells of the setting that the named study varies. The base is one of them.
func (d Definition) values(s *study.Study) []study.Cell {
	setting := study.Varied(d.Name)[0]
	base, numeric := s.Number(s.Base, setting)
	has := false
	for _, v := range d.Values {
		x, err := strconv.ParseFloat(string(v), 64)
		has = has || err == nil && numeric && x == base
	}
	list := product([]Along{{setting, d.Values}})
	if has || !numeric {
		return list
	}
	if d.Name == study.LossWeights {
		return append([]study.Cell{{Label: study.TagWeightByCount}}, list...)
	}
	return append(product([]Along{{setting, []Value{number(base)}}}), list...)
}

// product are the cells of all combinations of values, those of the last setting next to each other.
func product(vary []Along) []study.Cell {
	if len(vary) == 0 {
		return nil
	}
	list := []study.Cell{{}}
	for _, along := range vary {
		labels := labelsOf(along)
		var longer []study.Cell
		for _, c := range list {
			for i, v := range along.Values {
				longer = append(longer, study.Cell{Label: join(c.Label, labels[i]),
					Set: append(slices.Clone(c.Set), along.Setting+"="+string(v.tidy()))})
			}
		}
		list = longer
	}
	return list
}

func join(a, b results.Label) results.Label {
	if a == "" {
		return b
	}
	return a + ", " + b
}

// labelsOf are the labels of a setting's values: in words, or where two values would have the same words, name=value.
func labelsOf(along Along) []results.Label {
	var words []results.Label
	clear := true
	for i, v := range along.Values {
		l := study.ValueLabel(along.Setting, string(v.tidy()))
		if like := slices.Index(words, l); like >= 0 && along.Values[like].tidy() != along.Values[i].tidy() {
			clear = false
		}
		words = append(words, l)
	}
	if clear {
		return words
	}
	_, name, _ := strings.Cut(along.Setting, ".")
	for i, v := range along.Values {
		words[i] = results.Label(name + "=" + string(v.tidy()))
	}
	return words
}

// asNamed reports whether the cells change only what the named study's do, so that its question and axis are theirs too.
func asNamed(s, named *study.Study) bool {
	if len(named.Cells) == 0 {
		return false
	}
	varied := study.Varied(s.Name)
	for _, c := range s.Cells {
		if c.Member > 0 && s.Name != study.Ensembles || len(c.Tune) > 0 && s.Name != study.Pooling {
			return false
		}
		for _, set := range c.Set {
			if setting, _, _ := strings.Cut(set, "="); !slices.Contains(varied, setting) {
				return false
			}
		}
	}
	return true
}

// publish gives cells the published figures of the named study's equal ones.
func publish(cells, named []study.Cell) {
	for i, c := range cells {
		for _, n := range named {
			if n.Label == c.Label && n.Member == c.Member && slices.Equal(n.Set, c.Set) && slices.Equal(n.Tune, c.Tune) {
				cells[i].Published = n.Published
			}
		}
	}
}

// baseline is the cell that the others are compared with where none is named: the named study's, or the one that changes nothing,
// or the one whose recipe is the base's, or the first.
func (d Definition) baseline(s *study.Study, named results.Label) results.Label {
	is := func(same func(c study.Cell) bool) (results.Label, bool) {
		if i := slices.IndexFunc(s.Cells, same); i >= 0 {
			return s.Cells[i].Label, true
		}
		return "", false
	}
	if l, ok := is(func(c study.Cell) bool { return c.Label == named }); ok && named != "" {
		return l
	}
	if l, ok := is(func(c study.Cell) bool { return len(c.Set) == 0 && len(c.Tune) == 0 && c.Member == 0 }); ok {
		return l
	}
	base, err := s.Recipe(study.Cell{})
	if err == nil {
		if l, ok := is(func(c study.Cell) bool { r, err := s.Recipe(c); return err == nil && r.Equal(base) && len(c.Tune) == 0 }); ok {
			return l
		}
	}
	if len(s.Cells) == 0 {
		return ""
	}
	return s.Cells[0].Label
}
