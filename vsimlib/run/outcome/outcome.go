// SPDX-License-Identifier: Apache-2.0

// Package outcome is what the result.json of a training's run directory holds, for packages that read it and train nothing.
package outcome

import (
	"vsim/vsimlib/corpus/fault"
	"vsim/vsimlib/provenance"
)

// Pretrain is the content of result.json after pretraining.
type Pretrain struct {
	Steps      int                `json:"steps"`
	Losses     map[string]float64 `json:"losses"` // means over the last epoch: loss, loss_tag, loss_mlm, loss_mfm (and loss_simcse)
	Val        map[string]float64 `json:"val,omitempty"`
	Diverged   string             `json:"diverged,omitempty"` // in words, where the last val_loss is far above an earlier loss
	Videos     int                `json:"videos"`             // in an epoch
	Devices    int                `json:"devices,omitempty"`  // of the last process
	VideosPerS float64            `json:"videos_per_s"`       // without compilation and validation, of the last process
	Model      string             `json:"model"`
	Computed
}

// Finetune is the content of result.json after finetuning.
type Finetune struct {
	Steps       int     `json:"steps"`
	ValSpearman float64 `json:"val_spearman"`
	// ValSpearmanError is the standard error of ValSpearman by the pairs (package confidence). Older versions did not write it.
	ValSpearmanError float64 `json:"val_spearman_error,omitempty"`
	ValMSE           float64 `json:"val_mse"`
	HeldOut
	SelectedStep int     `json:"selected_step"` // the model has the weights of this step
	VideosPerS   float64 `json:"videos_per_s"`
	Devices      int     `json:"devices,omitempty"` // of the last process
	Model        string  `json:"model"`
	Computed
}

// Computed is by what a run was computed, and what of the corpus was not used. Older versions did not write it.
type Computed struct {
	Provenance provenance.List `json:"provenance,omitempty"`
	Mixed      string          `json:"mixed,omitempty"`   // which backends or arithmetics it mixes
	Skipped    *fault.Skipped  `json:"skipped,omitempty"` // bad records
}

// HeldOut is how the split divided the pairs into those for training and those for validation.
type HeldOut struct {
	Split        string `json:"split"`
	Fold         int    `json:"fold"`
	TrainPairs   int    `json:"train_pairs"`
	ValPairs     int    `json:"val_pairs"`
	ValVideos    int    `json:"val_videos"`
	LeakedPairs  int    `json:"leaked_pairs"`  // validation pairs with a video that is in training pairs
	LeakedVideos int    `json:"leaked_videos"` // validation videos that are in training pairs
}
