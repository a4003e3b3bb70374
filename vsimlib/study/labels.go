// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// Names of studies that more than their own definition knows.
const (
	Tasks       = "tasks"        // which pretraining tasks
	TasksLong   = "tasks-long"   // the same, with the base of the other studies
	Epochs      = "epochs"       // how long to pretrain
	LossWeights = "loss-weights" // how much each loss counts
	CorpusSize  = "corpus-size"  // how many videos
	Labels      = "labels"       // what finetuning is trained on
	Pooling     = "pooling"      // what makes one vector of a sequence
	Modalities  = "modalities"   // what titles and frames are worth alone
	Ensembles   = "ensemble"     // how many models
	Others      = "others"       // what other teams had; on the generated corpus its videos have speech
	Ladder      = "ladder"       // changes of the base at equal cost, each on top of those before
)

// Cells of the study of tasks.
const (
	NoPretraining results.Label = "no pretraining"
	TagAlone      results.Label = "tag"
	TagMLM        results.Label = "tag + MLM"
	AllTasks      results.Label = "tag + MLM + MFM"
)

// TheBase is the cell of the base's own settings, of the studies of other teams and of the ladder. They are not all the paper's: on
// the controlled corpus the base has no dropout, and the tag loss under G/24.
const TheBase results.Label = "base"

// Cells of the study of loss weights: the paper's weight of the tag loss is 1250/3 for its 10,000 tags. The base has as much for
// each of G tags, G/24.
const (
	TagWeightByCount results.Label = "tag weight G/24"
	TagWeightAsPaper results.Label = "tag weight 1250/3"
)

// paperTagWeight is the constant of the paper's code.
const paperTagWeight = 1250. / 3

// Cells of the study of labels.
const (
	RankNormalised results.Label = "rank-normalised"
	RawLabels      results.Label = "raw"
)

// Cells of the study of modalities.
const (
	BothModalities results.Label = "title and frames"
	TitlesAlone    results.Label = "titles alone"
	FramesAlone    results.Label = "frames alone"
)

// Rows of all members joined, in a study of ensembles.
const (
	AllConcatenated results.Label = "all, concatenated"
	AllFitted       results.Label = "all, fitted weights"
)

// AllTruncated is the row of all members' concatenation, truncated to a width.
func AllTruncated(dim int) results.Label { return results.Label(fmt.Sprintf("all, SVD to %d", dim)) }

// Member is the cell of one of the paper's members.
func Member(n int) results.Label { return results.Label(fmt.Sprintf("member %d", n)) }

// EpochCount is the cell of n epochs of pretraining.
func EpochCount(n int) results.Label { return results.Label(text.Count(n, "epoch")) }

// VideoCount is the cell of pretraining on n videos of pointwise.
func VideoCount(n int) results.Label { return results.Label(fmt.Sprintf("%d videos", n)) }

// LossOff is the cell of one loss switched off: tag, mlm or mfm.
func LossOff(loss string) results.Label { return scaledLoss(loss, "off") }

// LossHalf is the cell of one loss at half its weight.
func LossHalf(loss string) results.Label { return scaledLoss(loss, "half") }

// LossDouble is the cell of one loss at twice its weight.
func LossDouble(loss string) results.Label { return scaledLoss(loss, "double") }

// scaledLoss is the cell of one loss off, or at half or double its weight.
func scaledLoss(loss, scale string) results.Label { return results.Label(loss + " " + scale) }

// TagWeight is the cell of a constant weight of the tag loss.
func TagWeight(weight float64) results.Label { return lossWeight("tag", weight) }

func lossWeight(loss string, weight float64) results.Label {
	if loss == "tag" && weight == paperTagWeight {
		return TagWeightAsPaper
	}
	return results.Label(fmt.Sprintf("%s weight %.4g", loss, weight))
}

// Cells of the study of pooling: the mean is over padding too.
const (
	MeanPooling      results.Label = "mean"
	AttentionPooling results.Label = "attention"
	CLSPooling       results.Label = "[CLS]"
)

var poolingLabel = map[string]results.Label{recipe.Mean: MeanPooling, recipe.MaskedMean: "mean, padding left out",
	recipe.Attention: AttentionPooling, recipe.MaskedAttention: "attention, padding left out", recipe.CLS: CLSPooling}

var modalityLabel = map[string]results.Label{recipe.ReadsBoth: BothModalities, recipe.ReadsTitle: TitlesAlone,
	recipe.ReadsFrames: FramesAlone}
