// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
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

// Claims returns what a study's table says of the published effects that it tests. name is the study's in the verdicts: that of its
// results, which says the corpus too.
func Claims(t *results.Table, name string) []results.Claim {
	corpus, _, _ := strings.Cut(t.Corpus, ":")
	var list []results.Claim
	for _, c := range claims {
		higher, lower := t.Find(c.higher), t.Find(c.lower)
		if c.study != t.Study || higher == nil || lower == nil || higher.Spearman == nil || lower.Spearman == nil {
			continue
		}
		verdict := results.Claim{Study: name, Corpus: corpus, Claim: c.words, Published: c.difference(higher, lower)}
		if weigh(&verdict, higher, lower, t.Baseline) {
			list = append(list, verdict)
		}
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

// weigh compares the scores of two cells under the seeds that have both, and reports whether there is such a seed.
func weigh(c *results.Claim, higher, lower *results.Cell, baseline results.Label) bool {
	for i, h := range higher.Scores {
		l := lower.Scores[i]
		if h == nil || l == nil {
			continue
		}
		c.Seeds++
		c.Ours += *h - *l
		if *h > *l {
			c.Agree++
		}
	}
	if c.Seeds == 0 {
		return false
	}
	c.Ours /= float64(c.Seeds)
	switch {
	case lower.Label == baseline && higher.Difference != nil:
		c.Low, c.High = new(higher.Difference.Low), new(higher.Difference.High)
	case higher.Label == baseline && lower.Difference != nil:
		c.Low, c.High = new(-lower.Difference.High), new(-lower.Difference.Low)
	}
	c.Verdict = verdict(c)
	return true
}

// verdict puts a claim's sign into words.
func verdict(c *results.Claim) string {
	sign := c.Sign()
	switch {
	case c.Low != nil && sign == results.Above:
		return "holds"
	case c.Low != nil && sign == results.Below:
		return "does not hold, the other way round"
	case c.Low != nil:
		return "undecided, the interval contains zero"
	case sign == results.Above:
		return fmt.Sprintf("holds in all %d seeds", c.Seeds)
	case sign == results.Below:
		return fmt.Sprintf("does not hold, the other way round in all %d seeds", c.Seeds)
	}
	return fmt.Sprintf("undecided, holds in %d of %d seeds", c.Agree, c.Seeds)
}
