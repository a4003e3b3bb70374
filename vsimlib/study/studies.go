// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
	"slices"
	"strconv"

	"vsim/vsimlib/recipe"
)

// definition is a study before scale, corpus and base are known.
type definition struct {
	name, question string
	fill           func(s *Study)
}

// Tasks is the study of the pretraining tasks.
const Tasks = "tasks"

// studies are those of the write-up, and what it leaves open.
var studies = []definition{
	{Tasks, "Does each pretraining task pay?", tasks},
	{"epochs", "Does longer pretraining pay?", epochs},
	{"loss-weights", "How much do the weights of the three losses matter?", lossWeights},
	{"corpus-size", "How many videos does pretraining take to pay?", corpusSize},
	{"labels", "Do rank-normalised labels beat raw ones?", labels},
	{"pooling", "Which pooling makes the best embedding?", pooling},
	{"others", "What do other teams' losses, labels, splits and speech change?", others},
	{"ensemble", "How much do one to six models together gain?", ensembles},
}

// writeUp is where the published figures are from: means over five folds of the competition's pairs.
const writeUp = "arXiv 2111.01677"

func set(name string, value float64) string {
	return name + "=" + strconv.FormatFloat(value, 'g', -1, 64)
}

func tasks(s *Study) {
	s.Baseline = "tag + MLM + MFM"
	s.Cells = []Cell{
		{Label: "no pretraining", Set: []string{"pretrain.epochs=0"}},
		{Label: "tag", Set: []string{"pretrain.weight_mlm=0", "pretrain.weight_mfm=0"}, Published: &Published{.8786, .0020, .0308, writeUp}},
		{Label: "tag + MLM", Set: []string{"pretrain.weight_mfm=0"}, Published: &Published{.8812, .0033, .0300, writeUp}},
		{Label: s.Baseline, Published: &Published{.8858, .0009, .0288, writeUp}},
	}
}

func epochs(s *Study) {
	s.Axis = Axis{Label: "Epochs of pretraining"}
	published := map[int]*Published{10: {.8824, .0025, .0297, writeUp}, 20: {.8846, .0008, .0292, writeUp}, 40: {.8858, .0009, .0288, writeUp}}
	counts := []int{0, 5, 10, 20, 40}
	if s.Scale == Tiny {
		counts, published = []int{0, 1, 2, 4}, nil
	}
	base := s.Base.Pretrain.Epochs
	if !slices.Contains(counts, base) {
		counts = append(counts, base)
		slices.Sort(counts)
	}
	s.Baseline = epochLabel(base)
	for _, n := range counts {
		s.Cells = append(s.Cells, Cell{Label: epochLabel(n), X: float64(n), Set: []string{fmt.Sprintf("pretrain.epochs=%d", n)}, Published: published[n]})
	}
}

func epochLabel(n int) string {
	if n == 1 {
		return "1 epoch"
	}
	return fmt.Sprintf("%d epochs", n)
}

// lossWeights takes one weight at a time from the write-up's.
func lossWeights(s *Study) {
	s.Axis = Axis{Label: "Weight of the loss, times the write-up's", Even: true}
	s.Baseline = "the write-up's"
	s.Cells = []Cell{{Label: s.Baseline, X: 1}}
	p := s.Base.Pretrain
	tag := float64(s.source.tags) / 24
	if p.WeightTag != nil {
		tag = *p.WeightTag
	}
	weights := []struct {
		series string
		value  float64
	}{{"tag", tag}, {"mlm", p.WeightMLM}, {"mfm", p.WeightMFM}}
	for _, w := range weights {
		if w.value == 0 {
			continue // the base has the task off
		}
		for _, f := range []struct {
			name   string
			factor float64
		}{{"off", 0}, {"half", .5}, {"double", 2}} {
			if s.Scale == Tiny && (f.factor == .5 || w.series == "mfm" || w.series == "mlm" && f.factor == 0) {
				continue
			}
			s.Cells = append(s.Cells, Cell{Label: w.series + " " + f.name, Series: w.series, X: f.factor, Set: []string{set("pretrain.weight_"+w.series, f.factor*w.value)}})
		}
	}
	if s.Scale == Tiny || tag == 0 {
		return
	}
	// The tag loss is a mean over all tags, so its weight must grow with their number: as written, or not at all.
	for _, constant := range []float64{1, 1250. / 3} {
		s.Cells = append(s.Cells, Cell{Label: fmt.Sprintf("tag weight %.4g", constant), Series: "tag", X: constant / tag, Set: []string{set("pretrain.weight_tag", constant)}})
	}
}

// corpusSize pretrains on the first videos of pointwise. Epochs stay, so that fewer videos are fewer steps too.
func corpusSize(s *Study) {
	s.Axis = Axis{Label: "Videos of pointwise pretrained on", Log: true}
	all := s.source.pointwise
	counts := []int{1000, 2000, 5000, 10_000, 20_000}
	if s.source.synth == nil || s.Scale != Demo {
		counts = []int{all / 16, all / 8, all / 4, all / 2, all}
	}
	if s.Scale == Tiny {
		counts = []int{all / 4, all}
	}
	base := s.Base.Pretrain.MaxPointwise
	if base == 0 || base > all {
		base = all
	}
	if !slices.Contains(counts, base) {
		counts = append(counts, base)
		slices.Sort(counts)
	}
	s.Baseline = videosLabel(base)
	for _, n := range counts {
		if n < 1 || n > all {
			continue
		}
		limit := n
		if n == all && s.Base.Pretrain.MaxPointwise == 0 {
			limit = 0
		}
		s.Cells = append(s.Cells, Cell{Label: videosLabel(n), X: float64(n), Set: []string{fmt.Sprintf("pretrain.max_pointwise=%d", limit)}})
	}
}

func videosLabel(n int) string { return fmt.Sprintf("%d videos", n) }

func labels(s *Study) {
	s.Baseline = "rank-normalised"
	s.Cells = []Cell{{Label: s.Baseline}, {Label: "raw", Set: []string{"finetune.labels=raw"}}}
}

// pooling pretrains once for the two means and once for the two attentions: where the tag head reads [CLS], pooling has no part in
// pretraining, but the attention's weights must be there.
func pooling(s *Study) {
	s.Baseline = poolingLabel[s.Base.Model.Pooling]
	for _, p := range []string{recipe.Mean, recipe.MaskedMean, recipe.Attention, recipe.MaskedAttention} {
		with := recipe.MaskedMean
		if p == recipe.Attention || p == recipe.MaskedAttention {
			with = recipe.MaskedAttention
		}
		c := Cell{Label: poolingLabel[p], Set: []string{"model.pooling=" + with}}
		if p != with {
			c.Tune = []string{"model.pooling=" + p}
		}
		s.Cells = append(s.Cells, c)
	}
}

var poolingLabel = map[string]string{recipe.Mean: "mean", recipe.MaskedMean: "mean, padding left out",
	recipe.Attention: "attention", recipe.MaskedAttention: "attention, padding left out"}

// ensembles are of the write-up's six members, whose spread over five folds it gives.
func ensembles(s *Study) {
	s.Baseline = memberLabel(1)
	published := []Published{{.8858, .0009, .0288, writeUp}, {.8855, .0026, .0291, writeUp}, {.8828, .0020, .0296, writeUp},
		{.8840, .0014, .0293, writeUp}, {.8847, .0019, .0290, writeUp}, {.8859, .0025, .0288, writeUp}}
	for n := 1; n <= recipe.Members; n++ {
		if s.Scale == Tiny && n != 1 && n != 3 && n != 4 { // one of each shape
			continue
		}
		s.Cells = append(s.Cells, Cell{Label: memberLabel(n), X: float64(n), Member: n, Published: &published[n-1]})
	}
	s.Dims = []int{256, 128, 64, 32}
	if s.Scale == Tiny {
		s.Dims = []int{32, 16}
	}
}

func memberLabel(n int) string { return fmt.Sprintf("member %d", n) }
