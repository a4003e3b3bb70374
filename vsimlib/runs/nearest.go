// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"strconv"
	"strings"

	"vsim/vsimlib/recipe"
)

// base is a recipe that a run may be compared with: a preset as one of the six members.
type base struct {
	preset string
	member int
	values []recipe.Assignment
}

// corpusSizes are what a corpus decides of a recipe, and whether the weight of the tag task, which depends on them, was set.
type corpusSizes struct {
	vocab, frame, tags int
	weighed            bool
}

// bases are those that were made before, by the sizes of their corpus: most runs of a folder have the same.
type bases map[corpusSizes][]base

// of returns the recipes that one may be compared with, in the sizes of its corpus.
func (made bases) of(r recipe.Recipe) []base {
	sizes := corpusSizes{r.Model.VocabSize, r.Model.FrameDim, r.Model.NumTags, r.Pretrain.WeightTag != nil}
	if list, ok := made[sizes]; ok {
		return list
	}
	var list []base
	for _, preset := range recipe.Presets() {
		for member := 1; member <= recipe.Members; member++ {
			other, _ := recipe.Preset(preset)
			if other.Member(member) != nil {
				continue
			}
			other.Model.VocabSize, other.Model.FrameDim, other.Model.NumTags = sizes.vocab, sizes.frame, sizes.tags
			if other.Pretrain.WeightTag == nil && sizes.weighed {
				other.Pretrain.WeightTag = new(recipe.TagWeight(sizes.tags))
			}
			list = append(list, base{preset, member, other.Assignments()})
		}
	}
	made[sizes] = list
	return list
}

// nearest sets the preset, as one of the six members, that the fewest settings of the run's stage differ from, and these settings.
// What the corpus decides does not count, and a member counts as one setting. Of several, the first preset wins, and the first
// member.
func (r *Run) nearest(made bases) {
	fewest := len(r.values) + 1
	for _, b := range made.of(r.recipe) {
		differ := []string{}
		for i, a := range b.values {
			if r.values[i].Value != a.Value && r.reads(a.Name) {
				differ = append(differ, r.values[i].String())
			}
		}
		if far := len(differ) + min(1, b.member-1); far < fewest {
			fewest, r.Preset, r.Member, r.Settings = far, b.preset, b.member, differ
		}
	}
}

// reads reports whether the run's stage reads a setting.
func (r Run) reads(setting string) bool {
	return strings.HasPrefix(setting, "model.") || strings.HasPrefix(setting, r.Stage+".")
}

// short leaves out of a setting the section of the run's own stage.
func (r Run) short(setting string) string { return strings.TrimPrefix(setting, r.Stage+".") }

// Recipe says in a line which preset the run is nearest to, as which member unless it is the first, and which settings differ,
// those of its stage first and most of them at most (0: all).
func (r Run) Recipe(most int) string {
	words := []string{r.Preset}
	if r.Member > 1 {
		words[0] += " member " + strconv.Itoa(r.Member)
	}
	var sorted, ofModel []string
	for _, setting := range r.Settings {
		if strings.HasPrefix(setting, "model.") {
			ofModel = append(ofModel, setting)
		} else {
			sorted = append(sorted, setting)
		}
	}
	sorted = append(sorted, ofModel...)
	for i, setting := range sorted {
		if most > 0 && i == most {
			words = append(words, "and "+strconv.Itoa(len(sorted)-most)+" more")
			break
		}
		name, value, _ := strings.Cut(r.short(setting), "=")
		if x, err := strconv.ParseFloat(value, 64); err == nil {
			value = strconv.FormatFloat(x, 'g', 5, 64)
		}
		words = append(words, name+"="+value)
	}
	return strings.Join(words, " ")
}
