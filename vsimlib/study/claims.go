// SPDX-License-Identifier: Apache-2.0

package study

import (
	"strings"

	"vsim/vsimlib/results"
)

// claim is an effect that was published: one cell of a study scores above another.
type claim struct {
	study, words  string
	higher, lower results.Label
	published     float64 // the difference where the cells have no published figures of their own; 0: none is given
}

// claims are the effects of the paper and its talk that studies can test. Cells that a scale lacks are left out.
var claims = []claim{
	{Tasks, "pretraining helps", AllTasks, NoPretraining, 0},
	{Tasks, "all three tasks beat tags alone", AllTasks, TagAlone, 0},
	{Tasks, "masked tokens help in addition to tags", TagMLM, TagAlone, 0},
	{Tasks, "masked frames help in addition to tags and tokens", AllTasks, TagMLM, 0},
	{Epochs, "pretraining helps", EpochCount(10), EpochCount(0), 0},
	{Epochs, "10 epochs beat 5", EpochCount(10), EpochCount(5), 0},
	{Epochs, "20 epochs beat 10", EpochCount(20), EpochCount(10), 0},
	{Epochs, "20 epochs beat 5", EpochCount(20), EpochCount(5), 0},
	{Epochs, "40 epochs beat 20", EpochCount(40), EpochCount(20), 0},
	{LossWeights, "the tag loss is needed", PaperSettings, LossOff("tag"), 0},
	{LossWeights, "the tag loss needs a weight above 1", PaperSettings, TagWeight(1), 0},
	{LossWeights, "masked tokens are needed", PaperSettings, LossOff("mlm"), 0},
	{LossWeights, "masked frames are needed", PaperSettings, LossOff("mfm"), 0},
	{Ensembles, "all members together beat the first", AllConcatenated, Member(1), 0},
	{Ensembles, "so they do at 256 floats a video", AllTruncated(256), Member(1), 0},
	{Labels, "rank-normalised labels beat raw ones", RankNormalised, RawLabels, .006},
}

// Claimed are the pairs of cells, the higher one first, that the published claims of a study compare.
func Claimed(study string) [][2]results.Label {
	var list [][2]results.Label
	for _, c := range claims {
		if c.study == study {
			list = append(list, [2]results.Label{c.higher, c.lower})
		}
	}
	return list
}

// Claims returns what a study's table says of the published effects that it tests. name is the study's in the verdicts: that of its
// results, which says the corpus too.
func Claims(t *results.Table, name string) []results.Claim {
	corpus, _, _ := strings.Cut(t.Corpus, ":")
	var list []results.Claim
	for _, c := range claims {
		higher, lower := t.Find(c.higher), t.Find(c.lower)
		if c.study != t.Study || higher == nil || lower == nil {
			continue
		}
		e := t.Compared(c.higher, c.lower)
		if e == nil {
			continue
		}
		list = append(list, results.Claim{Study: name, Corpus: corpus, Claim: c.words, Published: c.difference(higher, lower),
			Estimate: *e, Agree: agree(higher, lower), Verdict: e.Verdict(t.Scale)})
	}
	return list
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

// agree counts the seeds under which the higher cell scores above the lower one.
func agree(higher, lower *results.Cell) int {
	n := 0
	for i, h := range higher.Scores {
		if l := lower.Scores[i]; h != nil && l != nil && *h > *l {
			n++
		}
	}
	return n
}
