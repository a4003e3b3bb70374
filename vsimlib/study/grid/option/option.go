// SPDX-License-Identifier: Apache-2.0

// Package option has the options by which a notebook's cell defines a study: package nb has them under the same names.
package option

import (
	"fmt"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study/grid"
)

// Option changes a study of a cell: its cells, seeds, settings, corpus or words.
type Option interface{ apply(*Asked) error }

// CellOption makes a cell of a study: a setting as text, "section.name=value", or a grid.Changer.
type CellOption any

// Asked is a study as options define it.
type Asked struct {
	grid.Definition
	Large bool // more trainings than usual are wanted
}

// function is an Option as a function.
type function func(*Asked) error

func (f function) apply(a *Asked) error { return f(a) }

// Define applies options to the study of a name.
func Define(scale, name string, options []Option) (Asked, error) {
	a := Asked{Definition: grid.Definition{Name: name, Scale: scale}}
	for _, o := range options {
		if err := o.apply(&a); err != nil {
			return a, fmt.Errorf("study %s: %w", name, err)
		}
	}
	return a, nil
}

// On is a corpus that a study can be on.
type On int

const (
	OnControlled On = iota // the generated corpus; the default
	OnEmoji                // the shipped clips
)

func (o On) apply(a *Asked) error {
	if o == OnEmoji {
		a.Definition.Corpus = grid.Emoji
	}
	return nil
}

// Corpus is the corpus of a study: "controlled", "emoji" or a directory.
func Corpus(corpus string) Option {
	return function(func(a *Asked) error { a.Definition.Corpus = corpus; return nil })
}

// Cell is a cell of a study: its label, and what it changes of the base, each a setting "section.name=value" or another option.
func Cell(label string, options ...CellOption) Option {
	return function(func(a *Asked) error {
		c := grid.Cell{Label: results.Label(label)}
		for _, o := range options {
			switch o := o.(type) {
			case string:
				c.Set = append(c.Set, o)
			case func(*grid.Cell):
				o(&c)
			case grid.Changer:
				c.Change = append(c.Change, o)
			default:
				return fmt.Errorf("cell %s: %v is no option of a cell; settings are texts, such as \"pretrain.epochs=3\"", label, o)
			}
		}
		a.Cells = append(a.Cells, c)
		return nil
	})
}

// Member makes a cell the n-th of the paper's six members.
func Member(n int) CellOption { return func(c *grid.Cell) { c.Member = n } }

// Teachers distils an ensemble of these of the paper's members, under the cell's own settings and seed, into the cell's model. The
// setting finetune.weight_teacher is the ensemble's share of the loss.
func Teachers(numbers ...int) CellOption { return func(c *grid.Cell) { c.Teachers = numbers } }

// X is a cell's value on the axis of the study's figure.
func X(x float64) CellOption { return func(c *grid.Cell) { c.X = &x } }

// Tune changes a setting of the model from finetuning on, so that cells share a pretraining.
func Tune(setting string) CellOption { return func(c *grid.Cell) { c.Tune = append(c.Tune, setting) } }

// Vary is a cell for each value of a setting, "section.name". Two of it are all combinations.
func Vary(setting string, values ...any) Option {
	return along(setting, values, func(a *Asked, l grid.Along) { a.Vary = append(a.Vary, l) })
}

// Times is a cell for each factor, by which a setting's value in the base is multiplied; the other settings stay.
func Times(setting string, factors ...float64) Option {
	values := make([]any, len(factors))
	for i, f := range factors {
		values[i] = f
	}
	return along(setting, values, func(a *Asked, l grid.Along) { a.Times = append(a.Times, l) })
}

// Values is a cell for each value of the setting that a named study varies, in place of the published ones, and the base.
func Values(values ...any) Option {
	return along("values", values, func(a *Asked, l grid.Along) { a.Definition.Values = l.Values })
}

// along adds values of a setting to the study.
func along(setting string, values []any, add func(*Asked, grid.Along)) Option {
	return function(func(a *Asked) error {
		l := grid.Along{Setting: setting}
		for _, v := range values {
			value, err := grid.ValueOf(v)
			if err != nil {
				return fmt.Errorf("%s: %w", setting, err)
			}
			l.Values = append(l.Values, value)
		}
		add(a, l)
		return nil
	})
}

// Members is a cell for each of these of the paper's six members.
func Members(numbers ...int) Option {
	return function(func(a *Asked) error { a.Members = append(a.Members, numbers...); return nil })
}

// Ensembles joins all sets of the cells, and truncates all of them together to these widths, falling.
func Ensembles(widths ...int) Option {
	return function(func(a *Asked) error { a.Ensembles = widths; return nil })
}

// Seeds trains every cell with each of these seeds.
func Seeds(seeds ...int64) Option {
	return function(func(a *Asked) error { a.Definition.Seeds = seeds; return nil })
}

// Set changes settings of all cells, each "section.name=value".
func Set(settings ...string) Option {
	return function(func(a *Asked) error { a.Definition.Set = append(a.Definition.Set, settings...); return nil })
}

// HeldOut scores the held-out pairs of pairwise in place of test_a: a choice among cells is made on them.
func HeldOut() Option {
	return function(func(a *Asked) error { a.Definition.HeldOut = true; return nil })
}

// Baseline is the label of the cell that the others are compared with.
func Baseline(label string) Option {
	return function(func(a *Asked) error { a.Definition.Baseline = results.Label(label); return nil })
}

// Question heads the study's table and figures.
func Question(words string) Option {
	return function(func(a *Asked) error { a.Definition.Question = words; return nil })
}

// Axis is the axis of the study's figure; "even" draws its values at equal distances, "log" on a logarithmic scale, with a
// break before 0.
func Axis(label string, how ...string) Option {
	return function(func(a *Asked) error {
		a.Definition.Axis = &results.Axis{Label: label}
		for _, word := range how {
			switch word {
			case "even":
				a.Definition.Axis.Even = true
			case "log":
				a.Definition.Axis.Log = true
			default:
				return fmt.Errorf("axis %s: %q is neither even nor log", label, word)
			}
		}
		return nil
	})
}

// AtTiny gives the study other cells at scale tiny, where they are to take seconds: all that options above made are left out.
func AtTiny(options ...Option) Option {
	return function(func(a *Asked) error {
		if a.Scale != competition.ScaleTiny {
			return nil
		}
		a.Cells, a.Members, a.Times, a.Definition.Values, a.Vary, a.Ensembles = nil, nil, nil, nil, nil, nil
		for _, o := range options {
			if err := o.apply(a); err != nil {
				return err
			}
		}
		return nil
	})
}

// Yes allows a study of more than a thousand trainings.
func Yes() Option { return function(func(a *Asked) error { a.Large = true; return nil }) }
