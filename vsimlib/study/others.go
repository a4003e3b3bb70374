// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
)

// lbpc is where the figures of softmax-Pearson on the winners' weights are from: one fold, one seed.
const lbpc = "readme of miziha-zp/cikm21-video-similarity"

// defineOthers takes what other teams had and the released code lacks, one at a time. What changes finetuning alone shares the
// baseline's pretraining.
func defineOthers(s *Study) {
	s.Baseline = TheBase
	pearson, raw := "finetune.loss="+recipe.SoftmaxPearson, "finetune.labels="+recipe.LabelsRaw
	large := 4 * s.Base.Finetune.Batch
	batch := fmt.Sprintf("finetune.batch=%d", large)
	s.Cells = []Cell{
		{Label: s.Baseline, Published: &results.Published{Spearman: .884, Where: lbpc}},
		{Label: "raw labels", Set: []string{raw}},
		{Label: "softmax-Pearson", Set: []string{pearson}, Published: &results.Published{Spearman: .8865, Where: lbpc}},
		{Label: "softmax-Pearson, raw labels", Set: []string{pearson, raw}, Published: &results.Published{Spearman: .885, Where: lbpc}},
		{Label: results.Label(fmt.Sprintf("%d pairs a batch", large)), Set: []string{batch}},
		{Label: results.Label(fmt.Sprintf("softmax-Pearson, %d pairs a batch", large)), Set: []string{pearson, batch}},
		{Label: "strict split", Set: []string{"finetune.split=" + competition.SplitStrict}},
	}
	s.Cells = append(s.Cells, simcse(s.Base.Model)...)
	if s.source.speech {
		s.Cells = append(s.Cells, Cell{Label: "speech", Set: []string{fmt.Sprintf("model.max_asr=%d", speechTokens(s.Base.Model))}})
	}
}

// simcse lives on dropout. A base without any gets some, and a cell that has only that, to compare with.
func simcse(base recipe.Model) []Cell {
	var cells []Cell
	var drop []string
	with := ""
	if base.HiddenDropoutProb == 0 {
		drop, with = []string{"model.hidden_dropout_prob=0.1", "model.attention_probs_dropout_prob=0.1"}, ", dropout 0.1"
		cells = append(cells, Cell{Label: "dropout 0.1", Set: drop})
	}
	for _, weight := range []float64{.1, 1} {
		cells = append(cells, Cell{Label: results.Label(fmt.Sprintf("SimCSE × %g%s", weight, with)),
			Set: append([]string{set("pretrain.weight_simcse", weight)}, drop...)})
	}
	return cells
}

// speechTokens are as many again as a title has, and a few, where the table of positions has them.
func speechTokens(base recipe.Model) int {
	return min(base.MaxText+4, base.MaxPositionEmbeddings-base.MaxText)
}
