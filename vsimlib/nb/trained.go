// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"

	"vsim/vsimlib/trainer"
)

// pretrained is what a cell shows of a pretraining: the losses of the last epoch, and what is wrong with the run. Table shows all.
type pretrained struct {
	Losses   map[string]float64
	Diverged string `json:"diverged,omitempty"`
	Mixed    string `json:"mixed,omitempty"`
}

func pretrainedOf(r trainer.PretrainResult) any {
	if len(r.Losses) == 0 { // no epochs
		return map[string]int{"steps": r.Steps}
	}
	return pretrained{Losses: r.Losses, Diverged: r.Diverged, Mixed: r.Mixed}
}

// finetuned is what a cell shows of a finetuning: its score on the pairs that it held out, and how many of them leak.
type finetuned struct {
	Spearman float64 `json:"val_spearman"`
	MSE      float64 `json:"val_mse"`
	Train    int     `json:"train_pairs"`
	Leaked   string  `json:"leaked_pairs"`
	Mixed    string  `json:"mixed,omitempty"`
}

func finetunedOf(r trainer.FinetuneResult) any {
	return finetuned{Spearman: r.ValSpearman, MSE: r.ValMSE, Train: r.TrainPairs,
		Leaked: fmt.Sprintf("%d of %d", r.LeakedPairs, r.ValPairs), Mixed: r.Mixed}
}
