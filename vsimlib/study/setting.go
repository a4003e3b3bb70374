// SPDX-License-Identifier: Apache-2.0

package study

import (
	"strconv"
	"strings"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
)

// Number is the value of a setting in a recipe of this study, where it is a number; that of a null weight_tag is what it is
// resolved to on this corpus.
func (s *Study) Number(r recipe.Recipe, setting string) (float64, bool) {
	for _, a := range r.Assignments() {
		if a.Name != setting {
			continue
		}
		if setting == "pretrain.weight_tag" && r.Pretrain.WeightTag == nil {
			return recipe.TagWeight(s.source.tags), true
		}
		v, err := strconv.ParseFloat(a.Value, 64)
		return v, err == nil
	}
	return 0, false
}

// Recipe is that of a cell, under the study's first seed.
func (s *Study) Recipe(c Cell) (recipe.Recipe, error) { return s.recipe(c, s.Seeds[0]) }

// ValueLabel is the cell in which one setting has a value: in words where the studies have some, else name=value.
func ValueLabel(setting, value string) results.Label {
	section, name, _ := strings.Cut(setting, ".")
	n, notWhole := strconv.Atoi(value)
	x, notNumber := strconv.ParseFloat(value, 64)
	loss, isWeight := strings.CutPrefix(name, "weight_")
	switch {
	case setting == "pretrain.epochs" && notWhole == nil:
		return EpochCount(n)
	case setting == "pretrain.max_pointwise" && notWhole == nil && n > 0:
		return VideoCount(n)
	case section == "pretrain" && isWeight && loss != "decay" && notNumber == nil:
		return lossWeight(loss, x)
	case setting == "model.pooling" && poolingLabel[value] != "":
		return poolingLabel[value]
	case setting == "model.reads" && modalityLabel[value] != "":
		return modalityLabel[value]
	case setting == "finetune.labels" && value == recipe.LabelsRank:
		return RankNormalised
	case setting == "finetune.labels" && value == recipe.LabelsRaw:
		return RawLabels
	}
	return results.Label(name + "=" + value)
}

// FactorLabel is the cell in which one setting is multiplied.
func FactorLabel(setting string, factor float64) results.Label {
	name := SeriesOf(setting)
	switch factor {
	case 0:
		return scaledLoss(name, "off")
	case .5:
		return scaledLoss(name, "half")
	case 2:
		return scaledLoss(name, "double")
	}
	return results.Label(name + " × " + strconv.FormatFloat(factor, 'g', -1, 64))
}

// SeriesOf is the short name of a setting, as a line of a figure has it.
func SeriesOf(setting string) string {
	_, name, _ := strings.Cut(setting, ".")
	return strings.TrimPrefix(name, "weight_")
}
