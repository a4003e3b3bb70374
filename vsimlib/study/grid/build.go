// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/task"
	"vsim/vsimlib/text"
)

// On is where a definition is worked on.
type On struct {
	Runs    string // directory of all tasks
	Backend string // see study.Options
	Emoji   string // directory of the shipped corpus
	Large   bool   // allows more than MaxTrainings
}

// MaxTrainings is how many pretrainings and finetunings a grid may have where its author did not say that it is large.
const MaxTrainings = 1000

// maxCells is how many cells a grid has at most, however large it may be.
const maxCells = 100_000

// maxJoined is how many cells are joined in all sets at most: there are 2ⁿ - 1.
const maxJoined = 10

// maxLabel is how many characters a name or label has at most.
const maxLabel = 80

// Plan expands the study to its tasks, and refuses more than MaxTrainings.
func (d Definition) Plan(on On) (*study.Grid, error) {
	s, err := d.Build(on)
	if err != nil {
		return nil, err
	}
	if models := len(s.Cells) * len(s.Seeds); models > MaxTrainings && !on.Large {
		return nil, d.tooLarge(2 * models)
	}
	g, err := s.Plan()
	if err != nil {
		return nil, err
	}
	trainings := 0
	for _, t := range g.Tasks {
		if t.Kind == task.Pretrain || t.Kind == task.Finetune {
			trainings++
		}
	}
	if trainings > MaxTrainings && !on.Large {
		return nil, d.tooLarge(trainings)
	}
	return g, nil
}

// ErrTooLarge is the reason that a grid of more than MaxTrainings is refused.
var ErrTooLarge = errors.New("too large")

func (d Definition) tooLarge(trainings int) error {
	return fmt.Errorf("study %s: %w: up to %s trainings, more than %s; allow it with --yes, in a notebook with nb.Yes()", d.Name,
		ErrTooLarge, text.Thousands(trainings), text.Thousands(MaxTrainings))
}

// Build makes the study. All of it is checked: the recipe of every cell too.
func (d Definition) Build(on On) (*study.Study, error) {
	d = d.usual(on)
	if err := d.check(on); err != nil {
		return nil, err
	}
	if err := checkCorpus(d.Corpus); err != nil {
		return nil, err
	}
	o := study.Options{Scale: d.Scale, Corpus: d.Corpus, Recipe: d.Recipe, Set: d.Set, Seeds: d.Seeds, Runs: on.Runs,
		Backend: on.Backend, HeldOut: d.HeldOut}
	s, err := study.Build(Slug(d.Name), o, d.define) // as study.New of a named one that nothing changes
	if err != nil {
		return nil, err
	}
	for _, c := range s.Cells {
		if _, err := s.Recipe(c); err != nil {
			return nil, err
		}
		for _, set := range c.Tune {
			err := new(recipe.Recipe).Set(set)
			if err == nil && !strings.HasPrefix(set, "model.") {
				err = fmt.Errorf("%s: only settings of model can change from finetuning on", set)
			}
			if err != nil {
				return nil, fmt.Errorf("study %s: cell %s: %w", s.Name, c.Label, err)
			}
		}
	}
	return s, nil
}

// usual fills in what may be left out.
func (d Definition) usual(on On) Definition {
	if d.Scale == "" {
		d.Scale = study.Tiny
	}
	if slug := Slug(d.Name); slices.Contains(study.Names(), slug) {
		d.Name = slug
	}
	switch d.Corpus {
	case "":
		d.Corpus = study.Controlled
	case Emoji:
		if on.Emoji != "" {
			d.Corpus = on.Emoji
		}
	}
	return d
}

// Emoji is the name of the shipped corpus.
const Emoji = "emoji"

// checkCorpus refuses a directory that does not exist, which may be a misspelt name.
func checkCorpus(corpus string) error {
	if _, err := os.Stat(corpus); corpus == study.Controlled || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("corpus: %s: no such folder; %s and directories", corpus,
		text.Known(filepath.Base(corpus), []string{study.Controlled, Emoji}))
}

// check refuses what can be seen without a corpus.
func (d Definition) check(on On) error {
	if err := named("name", d.Name); err != nil {
		return fmt.Errorf("study: %w", err)
	}
	if Slug(d.Name) == "" {
		return fmt.Errorf("study %q: a name needs a letter or a digit: files are named by it", d.Name)
	}
	named := slices.Contains(study.Names(), d.Name)
	switch {
	case !d.own() && !named:
		return fmt.Errorf("a grid of your own needs cells: nb.Cell, nb.Vary or nb.Members, in a shell --cell or --vary, in a file "+
			"\"cells\", \"vary\" or \"members\"; without them: %w", study.Unknown(d.Name))
	case len(d.Values) > 0 && len(study.Varied(d.Name)) == 0:
		return fmt.Errorf("study %s: it varies no one setting that values could be for; name it: nb.Vary, --vary", d.Name)
	case len(d.Values) > 0 && len(d.Vary)+len(d.Times) > 0:
		return fmt.Errorf("study %s: give either values of %s or settings with values", d.Name, study.Varied(d.Name)[0])
	}
	for _, c := range d.Cells {
		if err := label(string(c.Label)); err != nil {
			return fmt.Errorf("study %s: %w", d.Name, err)
		}
	}
	if err := d.checkAlong(); err != nil {
		return fmt.Errorf("study %s: %w", d.Name, err)
	}
	switch n := d.count(); {
	case n > MaxTrainings && !on.Large:
		return d.tooLarge(2 * n)
	case n > maxCells:
		return fmt.Errorf("study %s: it has more than %s cells", d.Name, text.Thousands(maxCells))
	}
	return d.checkEnsembles()
}

// checkAlong looks at settings, values and factors.
func (d Definition) checkAlong() error {
	for i, along := range d.Vary {
		if slices.ContainsFunc(d.Vary[:i], func(a Along) bool { return a.Setting == along.Setting }) {
			return fmt.Errorf("%s varies twice", along.Setting)
		}
		if err := along.check(); err != nil {
			return err
		}
	}
	for _, along := range d.Times {
		if err := along.checkFactors(); err != nil {
			return err
		}
	}
	for _, v := range d.Values {
		if v.infinite() {
			return fmt.Errorf("%s is not a finite number", v)
		}
	}
	return settable(d.Set)
}

// check looks at a setting and its values.
func (a Along) check() error {
	if err := a.finite(); err != nil {
		return err
	}
	for _, v := range a.Values {
		if err := settable([]string{a.Setting + "=" + string(v)}); err != nil {
			return err
		}
	}
	return nil
}

// checkFactors looks at factors in place of values.
func (a Along) checkFactors() error {
	if err := a.finite(); err != nil {
		return err
	}
	for _, v := range a.Values {
		if f, err := text.Decimal(string(v)); err != nil || f < 0 {
			return fmt.Errorf("%s: %s is not a factor of at least 0", a.Setting, v)
		}
	}
	return nil
}

// finite refuses a setting without values, and infinite ones.
func (a Along) finite() error {
	if len(a.Values) == 0 {
		return fmt.Errorf("%s has no values", a.Setting)
	}
	for _, v := range a.Values {
		if v.infinite() {
			return fmt.Errorf("%s: %s is not a finite number", a.Setting, v)
		}
	}
	return nil
}

// settable refuses settings that no recipe has, and values of the wrong type.
func settable(settings []string) error {
	for _, set := range settings {
		if err := new(recipe.Recipe).Set(set); err != nil {
			return err
		}
	}
	return nil
}

// checkEnsembles looks at the widths and the number of cells that are joined.
func (d Definition) checkEnsembles() error {
	for i, dim := range d.Ensembles {
		if dim < 1 || i > 0 && dim >= d.Ensembles[i-1] {
			return fmt.Errorf("study %s: widths of ensembles are %v, want falling ones of at least 1", d.Name, d.Ensembles)
		}
	}
	if n := d.count(); len(d.Ensembles) > 0 && n > maxJoined {
		return fmt.Errorf("study %s: %d cells have 2^%d sets; ensembles are of at most %d cells", d.Name, n, n, maxJoined)
	}
	return nil
}

// count is the number of cells, without overflow.
func (d Definition) count() int {
	product := 0
	for i, along := range d.Vary {
		if i == 0 {
			product = 1
		}
		product = min(product*len(along.Values), math.MaxInt32)
	}
	return len(d.Cells) + len(d.Members) + len(d.Values) + d.factors() + product
}

// Same reports whether two studies have the same cells, seeds and words, so that their tables are equal.
func Same(a, b *study.Study) bool {
	return a.Name == b.Name && a.Question == b.Question && a.Scale == b.Scale && a.Corpus() == b.Corpus() &&
		a.Scored() == b.Scored() && a.Base.Equal(b.Base) && a.Baseline == b.Baseline && a.Axis == b.Axis &&
		slices.Equal(a.Seeds, b.Seeds) && slices.Equal(a.Dims, b.Dims) &&
		slices.EqualFunc(a.Cells, b.Cells, sameCell)
}

// sameCell compares what two cells are and what a table says of them.
func sameCell(a, b study.Cell) bool {
	published := a.Published == b.Published || a.Published != nil && b.Published != nil && *a.Published == *b.Published
	return a.Label == b.Label && a.Series == b.Series && a.X == b.X && a.Member == b.Member && slices.Equal(a.Set, b.Set) &&
		slices.Equal(a.Tune, b.Tune) && slices.EqualFunc(a.Teachers, b.Teachers, sameCell) &&
		slices.EqualFunc(a.Together, b.Together, sameCell) && published
}

// label refuses labels that a table or a figure cannot show in a line.
func label(l string) error { return named("label", l) }

func named(what, name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return errors.New("a " + what + " is empty")
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("the %s %q has characters that cannot be shown", what, name)
	case utf8.RuneCountInString(name) > maxLabel:
		return fmt.Errorf("the %s %.20q… has more than %d characters", what, name, maxLabel)
	}
	return nil
}

var notInSlugs = regexp.MustCompile(`[^\p{L}\p{N}._]+`)

// Slug is a name as files have it: "My study!" is my-study.
func Slug(name string) string {
	return strings.Trim(notInSlugs.ReplaceAllString(strings.ToLower(name), "-"), "-._")
}
