// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
)

// Study is a grid of recipes × seeds as data. Its score is the Spearman of the finetuned model on videos that no training saw.
type Study struct {
	Name     string
	Question string
	Scale    string
	Base     recipe.Recipe // what every cell builds on
	Baseline results.Label // the cell that the others are compared with
	Cells    []Cell
	Seeds    []int64
	Dims     []int // of the ensembles' embeddings, falling; none: the study has no ensembles
	Axis     results.Axis

	source source
	runs   string
}

// Cell is one setting of what the study varies.
type Cell struct {
	Label  results.Label
	Series string   // the line of a figure that it is a point of; "" of all of them
	X      float64  // its place on the figure's axis, where there is one
	Member int      // one of the write-up's six, from 1; 0: the base
	Set    []string // "section.name=value" over the base
	Tune   []string // "model.name=value" that change the pretrained model from finetuning on, so that cells share its pretraining

	Published *results.Published
}

// The scales. Tiny runs every part in seconds and its scores mean nothing; Paper is the write-up's own size.
const (
	Tiny  = "tiny"
	Demo  = "demo"
	Paper = "paper"
)

// Options say which study, on what and where.
type Options struct {
	Scale  string   // Tiny | Demo | Paper
	Corpus string   // Controlled, or a corpus directory
	Recipe string   // preset or file to build on; "": the one of corpus and scale
	Set    []string // "section.name=value" over it
	Seeds  []int64  // none: those of the scale
	Runs   string   // directory under which the tasks live
}

// Names are the studies, in the order in which they are told.
func Names() []string {
	names := make([]string, len(studies))
	for i, s := range studies {
		names[i] = s.name
	}
	return names
}

// Unknown is the error of a name that no study has; it names the nearest.
func Unknown(name string) error {
	return fmt.Errorf("unknown study %q; the nearest is %q, and there are %s", name, recipe.Nearest(name, Names()), strings.Join(Names(), ", "))
}

// New returns the study of that name.
func New(name string, o Options) (*Study, error) {
	i := slices.IndexFunc(studies, func(s definition) bool { return s.name == name })
	if i < 0 {
		return nil, Unknown(name)
	}
	src, err := open(o.Corpus, o.Scale)
	if err != nil {
		return nil, err
	}
	if src.synth != nil && name == Others {
		src = src.spoken()
	}
	base, err := baseRecipe(name, o, src)
	if err != nil {
		return nil, err
	}
	s := &Study{Name: name, Question: studies[i].question, Scale: o.Scale, Base: base, Seeds: o.Seeds, source: src, runs: o.Runs}
	if len(s.Seeds) == 0 {
		s.Seeds = defaultSeeds(o.Scale)
	}
	studies[i].fill(s)
	return s, s.check()
}

// check refuses what would make a table that says less than it seems to.
func (s *Study) check() error {
	for i, seed := range s.Seeds {
		if slices.Contains(s.Seeds[:i], seed) {
			return fmt.Errorf("study: seed %d stands twice", seed)
		}
	}
	for i, c := range s.Cells {
		if slices.ContainsFunc(s.Cells[:i], func(other Cell) bool { return other.Label == c.Label }) {
			return fmt.Errorf("study %s: the cell %q stands twice", s.Name, c.Label)
		}
	}
	if !slices.ContainsFunc(s.Cells, func(c Cell) bool { return c.Label == s.Baseline }) {
		return fmt.Errorf("study %s: the baseline %q is none of its cells", s.Name, s.Baseline)
	}
	return nil
}

// recipe is that of a cell under a seed.
func (s *Study) recipe(c Cell, seed int64) (recipe.Recipe, error) {
	r := s.Base.Clone()
	r.Pretrain.Seed, r.Finetune.Seed = seed, seed
	if c.Member > 0 {
		if err := r.Member(c.Member); err != nil {
			return r, fmt.Errorf("study %s: cell %s: %w", s.Name, c.Label, err)
		}
	}
	for _, set := range c.Set {
		if err := r.Set(set); err != nil {
			return r, fmt.Errorf("study %s: cell %s: %w", s.Name, c.Label, err)
		}
	}
	if err := r.Validate(); err != nil {
		return r, fmt.Errorf("study %s: cell %s: %w", s.Name, c.Label, err)
	}
	return r, nil
}
