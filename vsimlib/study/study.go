// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/own"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
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
	Backend  string // see Options

	source source
	runs   string
}

// Cell is one setting of what the study varies.
type Cell struct {
	Label  results.Label
	Series string   // the line of a figure that it is a point of; "" of all of them
	X      float64  // its value on the figure's axis, where there is one
	Member int      // one of the paper's six, from 1; 0: the base
	Set    []string // "section.name=value" over the base
	Tune   []string // "model.name=value" that change the pretrained model from finetuning on, so that cells share its pretraining

	// Teachers are the models whose ensemble teaches the cell's finetuning, each under the seed of the cell; their scores are no part
	// of the study. Set gives finetune.weight_teacher.
	Teachers []Cell

	// Together are the models, each under the seed of the cell, whose embeddings joined are what the cell scores; nothing is trained
	// for the cell itself, and its settings are theirs.
	Together []Cell

	Published *results.Published
}

// Settings are those of the cell over the base, in words.
func (c Cell) Settings() []string {
	var list []string
	if c.Member > 0 {
		list = append(list, string(Member(c.Member))+" of six")
	}
	list = append(list, c.Set...)
	for _, set := range c.Tune {
		list = append(list, set+" from finetuning on")
	}
	if len(c.Teachers) > 0 {
		list = append(list, "taught by "+labels(c.Teachers))
	}
	if len(c.Together) > 0 {
		list = append(list, labels(c.Together))
	}
	return list
}

// labels are those of models that are joined.
func labels(members []Cell) string {
	var list []string
	for _, m := range members {
		list = append(list, string(m.Label))
	}
	return strings.Join(list, " + ")
}

// Corpus is the corpus in words, with its sizes.
func (s *Study) Corpus() string { return s.source.describe() }

// Scored is the part whose pairs are scored, in words.
func (s *Study) Scored() string { return s.source.part() }

// Folder is the directory of all tasks of all studies.
func (s *Study) Folder() string { return filepath.Join(s.runs, "study") }

// check refuses duplicate seeds and cells, a study without cells, and a baseline that is no cell.
func (s *Study) check() error {
	if len(s.Cells) == 0 {
		return fmt.Errorf("study %s: it has no cells", s.Name)
	}
	for i, seed := range s.Seeds {
		if slices.Contains(s.Seeds[:i], seed) {
			return fmt.Errorf("study: duplicate seed %d", seed)
		}
	}
	for i, c := range s.Cells {
		if slices.ContainsFunc(s.Cells[:i], func(other Cell) bool { return other.Label == c.Label }) {
			return fmt.Errorf("study %s: duplicate cell %q", s.Name, c.Label)
		}
	}
	if !slices.ContainsFunc(s.Cells, func(c Cell) bool { return c.Label == s.Baseline }) {
		var labels []string
		for _, c := range s.Cells {
			labels = append(labels, string(c.Label))
		}
		return fmt.Errorf("study %s: no cell %q, which is the baseline; there are %s", s.Name, s.Baseline, text.Few(labels, 10))
	}
	return nil
}

// inPlan is the teacher of a recipe whose teacher the study trains itself.
const inPlan = "an ensemble of the study"

// recipe is that of a cell under a seed.
func (s *Study) recipe(c Cell, seed int64) (recipe.Recipe, error) {
	r := s.Base.Clone()
	r.Pretrain.Seed, r.Finetune.Seed = seed, seed
	if c.Member > 0 {
		if err := r.Member(c.Member); err != nil {
			return r, fmt.Errorf("study %s: cell %s: %w", s.Name, c.Label, err)
		}
	}
	if len(c.Teachers) > 0 {
		r.Finetune.Teacher = inPlan
	}
	for _, set := range c.Set {
		if err := r.Set(set); err != nil {
			return r, fmt.Errorf("study %s: cell %s: %w", s.Name, c.Label, err)
		}
	}
	err := r.Validate()
	if err == nil {
		err = own.Check(r)
	}
	if err != nil {
		return r, fmt.Errorf("study %s: cell %s: %w", s.Name, c.Label, err)
	}
	return r, nil
}
