// SPDX-License-Identifier: Apache-2.0

package study

import (
	"strings"

	"vsim/vsimlib/results"
)

// claim is an effect that was published: one cell of a study scores above another. Without the two it is that the cells differ at
// all from the study's baseline.
type claim struct {
	study, words  string
	higher, lower results.Label
	published     float64 // the difference where the cells have no published figures of their own; 0: none is given
	source        results.Source
}

// ReadmeSource is where the winners tell more than in their paper.
const ReadmeSource = "README of the released code"

// Sources of the claims: the section, and what it says, translated.
var (
	onPretraining = results.Source{Where: ReadmeSource + ", Pretraining",
		Words: "Models are pretrained on three tasks before they are finetuned. There is no figure without."}
	onTasks = results.Source{Where: PaperSource + ", table of tasks",
		Words: "Tag classification alone scores .8786, with masked tokens .8812, with masked frames too .8858."}
	onEpochs = results.Source{Where: ReadmeSource + ", Pretraining (5), and " + PaperSource + ", table of epochs",
		Words: "More epochs of pretraining gain much; from 10 to 20 the finetuned model gains markedly. 10, 20 and 40 epochs score " +
			".8824, .8846 and .8858."}
	onTagWeight = results.Source{Where: ReadmeSource + ", Pretraining (4)",
		Words: "The gradients of the tag loss are small, so it is multiplied by a large weight, 1250/3."}
	onWeights = results.Source{Where: ReadmeSource + ", Pretraining (4), note",
		Words: "Suitable weights of the tasks have a rather large effect on finetuning."}
	onPooling = results.Source{Where: ReadmeSource + ", Finetune (2)",
		Words: "For similarity, mean or attention pooling of the last layer before the fully connected layer works better."}
	onLabels = results.Source{Where: ReadmeSource + ", Finetune (3), and " + PaperSource,
		Words: "The metric looks at ranks alone, so labels are replaced by their ranks; that gains .006 on the test."}
	onEnsembles = results.Source{Where: ReadmeSource + ", Ensemble (3)",
		Words: "A single model scores about .836 on the test, two .845, three .849, five .852."}
	onTruncation = results.Source{Where: ReadmeSource + ", Ensemble (1)",
		Words: "Weighted concatenation and an SVD to 256 lose little."}
)

// claims are the effects of the paper, its README and talk that studies can test. Cells that a scale lacks are left out.
var claims = []claim{
	{Tasks, "pretraining helps", AllTasks, NoPretraining, 0, onPretraining},
	{Tasks, "all three tasks beat tags alone", AllTasks, TagAlone, 0, onTasks},
	{Tasks, "masked tokens help in addition to tags", TagMLM, TagAlone, 0, onTasks},
	{Tasks, "masked frames help in addition to tags and tokens", AllTasks, TagMLM, 0, onTasks},
	{Epochs, "pretraining helps", EpochCount(10), EpochCount(0), 0, onPretraining},
	{Epochs, "10 epochs beat 5", EpochCount(10), EpochCount(5), 0, onEpochs},
	{Epochs, "20 epochs beat 10", EpochCount(20), EpochCount(10), 0, onEpochs},
	{Epochs, "20 epochs beat 5", EpochCount(20), EpochCount(5), 0, onEpochs},
	{Epochs, "40 epochs beat 20", EpochCount(40), EpochCount(20), 0, onEpochs},
	{study: LossWeights, words: "suitable weights of the losses matter", source: onWeights},
	{LossWeights, "the tag loss needs a weight above 1: 1250/3", TagWeightAsPaper, TagWeight(1), 0, onTagWeight},
	{LossWeights, "the tag loss needs a weight above 1: G/24", TagWeightByCount, TagWeight(1), 0, onTagWeight},
	{LossWeights, "the tag loss is needed", TagWeightByCount, LossOff("tag"), 0, onTasks},
	{LossWeights, "masked tokens are needed", TagWeightByCount, LossOff("mlm"), 0, onTasks},
	{LossWeights, "masked frames are needed", TagWeightByCount, LossOff("mfm"), 0, onTasks},
	{Labels, "rank-normalised labels beat raw ones", RankNormalised, RawLabels, .006, onLabels},
	{Pooling, "mean pooling beats [CLS]", MeanPooling, CLSPooling, 0, onPooling},
	{Pooling, "attention pooling beats [CLS]", AttentionPooling, CLSPooling, 0, onPooling},
	{Ensembles, "all members together beat the first", AllConcatenated, Member(1), 0, onEnsembles},
	{Ensembles, "so they do at 256 floats a video", AllTruncated(256), Member(1), 0, onTruncation},
}

// of reports whether a study tests the claim.
func (c claim) of(study string) bool {
	return c.study == study || c.study == Tasks && study == TasksLong
}

// Claimed are the pairs of cells, the higher one first, that the published claims of a study compare.
func Claimed(study string) [][2]results.Label {
	var list [][2]results.Label
	for _, c := range claims {
		if c.of(study) && c.higher != "" {
			list = append(list, [2]results.Label{c.higher, c.lower})
		}
	}
	if study == Ladder {
		list = append(list, [2]results.Label{Distilled, SixTogether}) // not published: what distilling aims at
	}
	return list
}

// Claims returns what a study's table says of the published effects that it tests. name is the study's in the verdicts: that of its
// results, which says the corpus too.
func Claims(t *results.Table, name string) []results.Claim {
	corpus, _, _ := strings.Cut(t.Corpus, ":")
	var list []results.Claim
	for _, c := range claims {
		if !c.of(t.Study) {
			continue
		}
		words, higher, lower, e := c.words, t.Find(c.higher), t.Find(c.lower), t.Compared(c.higher, c.lower)
		if c.higher == "" {
			if higher, lower, e = most(t); e != nil {
				words += ": " + string(higher.Label) + " against " + string(lower.Label)
			}
		}
		if e == nil {
			continue
		}
		agree, _ := higher.Above(lower)
		list = append(list, results.Claim{Study: name, Corpus: corpus, Claim: words, Source: c.source,
			Published: c.difference(higher, lower), Estimate: *e, Agree: agree, Verdict: e.Verdict(t.Scale)})
	}
	return list
}

// most is the least probable difference of a cell to the baseline where there is no effect, the higher cell first. Its p-value,
// corrected for all comparisons of the table, is that of the hypothesis that no cell differs; nil where none has a p-value.
func most(t *results.Table) (higher, lower *results.Cell, e *results.Estimate) {
	for i := range t.Cells {
		d := t.Cells[i].Difference
		if d != nil && d.P != nil && (e == nil || *d.P < *e.P) {
			higher, e = &t.Cells[i], d
		}
	}
	lower = t.Find(t.Baseline)
	if e != nil && e.Mean < 0 {
		higher, lower, e = lower, higher, new(e.Negative())
	}
	return higher, lower, e
}

// difference is the published one, nil where none is known.
func (c claim) difference(higher, lower *results.Cell) *float64 {
	switch h, l := higher.Published, lower.Published; {
	case c.published != 0:
		return &c.published
	case h != nil && l != nil && h.Where == l.Where:
		return new(h.Spearman - l.Spearman)
	}
	return nil
}
