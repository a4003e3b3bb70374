// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
	"slices"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
)

// definition is a study before scale, corpus and base are known.
type definition struct {
	name, question string
	varied         string // settings that its cells change, see Varied
	fill           func(s *Study)
}

// studies are those of the paper, and what it leaves open.
var studies = []definition{
	{Tasks, "Does each pretraining task pay?", "", defineTasks},
	{TasksLong, "Does each pretraining task pay, where pretraining is longer?", "", defineTasks},
	{Epochs, "Does longer pretraining pay?", "pretrain.epochs", defineEpochs},
	{LossWeights, "How much do the weights of the three losses matter?",
		"pretrain.weight_tag pretrain.weight_mlm pretrain.weight_mfm", defineLossWeights},
	{CorpusSize, "How many videos does pretraining take to pay?", "pretrain.max_pointwise", defineCorpusSize},
	{Labels, "Do rank-normalised labels beat raw ones?", "finetune.labels", defineLabels},
	{Pooling, "Which pooling makes the best embedding?", "model.pooling", definePooling},
	{Modalities, "What are titles and frames worth alone?", "model.reads", defineModalities},
	{Others, "What do other teams' losses, labels, splits and speech change?", "", defineOthers},
	{Ensembles, "How much do one to six models together gain?", "", defineEnsembles},
	{Ladder, "How much does one model gain at equal cost, step by step?", "", defineLadder},
}

// PaperSource is where the published figures are from: means over five folds of the competition's pairs.
const PaperSource = "arXiv 2111.01677"

// published is one of its figures.
func published(spearman, sd, mse float64) *results.Published {
	return &results.Published{Spearman: spearman, SD: sd, MSE: mse, Where: PaperSource}
}

func defineTasks(s *Study) {
	s.Baseline = AllTasks
	s.Cells = []Cell{
		{Label: NoPretraining, Set: []string{"pretrain.epochs=0"}},
		{Label: TagAlone, Set: []string{"pretrain.weight_mlm=0", "pretrain.weight_mfm=0"}, Published: published(.8786, .0020, .0308)},
		{Label: TagMLM, Set: []string{"pretrain.weight_mfm=0"}, Published: published(.8812, .0033, .0300)},
		{Label: s.Baseline, Published: published(.8858, .0009, .0288)},
	}
}

func defineEpochs(s *Study) {
	s.Axis = results.Axis{Label: "Epochs of pretraining"}
	figures := map[int]*results.Published{10: published(.8824, .0025, .0297), 20: published(.8846, .0008, .0292),
		40: published(.8858, .0009, .0288)}
	counts := []int{0, 5, 10, 20, 40}
	if s.Scale == Tiny {
		counts, figures = []int{0, 1, 2, 4}, nil
	}
	base := s.Base.Pretrain.Epochs
	if !slices.Contains(counts, base) {
		counts = append(counts, base)
		slices.Sort(counts)
	}
	s.Baseline = EpochCount(base)
	for _, n := range counts {
		s.Cells = append(s.Cells, Cell{Label: EpochCount(n), X: float64(n), Set: []string{fmt.Sprintf("pretrain.epochs=%d", n)},
			Published: figures[n]})
	}
}

// defineLossWeights takes one weight at a time from the base's.
func defineLossWeights(s *Study) {
	s.Axis = results.Axis{Label: "Weight of the loss, times the base's", Log: true}
	s.Baseline = TagWeightByCount
	s.Cells = []Cell{{Label: s.Baseline, X: 1}}
	p := s.Base.Pretrain
	tag := recipe.TagWeight(s.source.tags)
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
			s.Cells = append(s.Cells, Cell{Label: scaledLoss(w.series, f.name), Series: w.series, X: f.factor,
				Set: []string{set("pretrain.weight_"+w.series, f.factor*w.value)}})
		}
	}
	if s.Scale == Tiny || tag == 0 {
		return
	}
	// The tag loss is a mean over all tags, so its weight must grow with their number: as written, or not at all.
	for _, constant := range []float64{1, paperTagWeight} {
		s.Cells = append(s.Cells, Cell{Label: TagWeight(constant), Series: "tag", X: constant / tag,
			Set: []string{set("pretrain.weight_tag", constant)}})
	}
}

// defineCorpusSize pretrains on the first videos of pointwise. Epochs stay, so that fewer videos are fewer steps too.
func defineCorpusSize(s *Study) {
	s.Axis = results.Axis{Label: "Videos of pointwise pretrained on", Log: true}
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
	s.Baseline = VideoCount(base)
	for _, n := range counts {
		if n < 1 || n > all {
			continue
		}
		limit := n
		if n == all && s.Base.Pretrain.MaxPointwise == 0 {
			limit = 0
		}
		s.Cells = append(s.Cells, Cell{Label: VideoCount(n), X: float64(n),
			Set: []string{fmt.Sprintf("pretrain.max_pointwise=%d", limit)}})
	}
}

func defineLabels(s *Study) {
	s.Baseline = RankNormalised
	s.Cells = []Cell{{Label: s.Baseline}, {Label: RawLabels, Set: []string{"finetune.labels=raw"}}}
}

// definePooling pretrains once for the two means and [CLS] and once for the two attentions: where the tag head reads [CLS], pooling
// has no part in pretraining, but the attention's weights must be there.
func definePooling(s *Study) {
	var usual bool
	if s.Baseline, usual = poolingLabel[s.Base.Model.Pooling]; !usual {
		s.Baseline = results.Label(s.Base.Model.Pooling)
		s.Cells = []Cell{{Label: s.Baseline}}
	}
	for _, p := range []string{recipe.Mean, recipe.MaskedMean, recipe.Attention, recipe.MaskedAttention, recipe.CLS} {
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

// defineModalities trains on titles and on frames alone: what a model of both makes of one that is missing says less of it.
func defineModalities(s *Study) {
	s.Baseline = BothModalities
	s.Cells = []Cell{{Label: s.Baseline}, {Label: TitlesAlone, Set: []string{"model.reads=" + recipe.ReadsTitle}},
		{Label: FramesAlone, Set: []string{"model.reads=" + recipe.ReadsFrames}}}
}

// defineEnsembles has the paper's six members, whose spread over five folds it gives.
func defineEnsembles(s *Study) {
	s.Baseline = Member(1)
	publishedMembers := []*results.Published{
		published(.8858, .0009, .0288), published(.8855, .0026, .0291), published(.8828, .0020, .0296),
		published(.8840, .0014, .0293), published(.8847, .0019, .0290), published(.8859, .0025, .0288),
	}
	for n := 1; n <= recipe.Members; n++ {
		s.Cells = append(s.Cells, Cell{Label: Member(n), X: float64(n), Member: n, Published: publishedMembers[n-1]})
	}
	s.Dims = []int{256, 128, 64, 32}
	if s.Scale == Tiny {
		s.Dims = []int{32, 16}
	}
}
