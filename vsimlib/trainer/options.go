// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"errors"

	"github.com/gomlx/compute"

	"vsim/vsimlib/recipe"
)

// Options of a stage.
type Options struct {
	Backend compute.Backend
	Corpus  string         // corpus directory
	Recipe  recipe.Recipe  // before Resolve
	Set     []string       // the "model.name=value" that were asked for in so many words; with Init they must fit its weights
	Out     string         // run directory
	Init    string         // model directory to start from; empty: fresh weights
	Devices int            // share each batch among so many devices; 0: one. The losses are those of one up to rounding (see placement)
	Force   bool           // start afresh: what the run directory holds of an earlier run is removed
	Report  func(Progress) // told after every step, from the training goroutine; may be nil
	Warn    func(string)   // told one-line warnings; may be nil

	Memory func() (bytes int64, source string) // what a step may take, 0 where it is not known; nil: what the system says
}

// ErrStopped is the error of a run that was asked to stop: its state is on disk.
var ErrStopped = errors.New("stopped; the same command goes on from here")

// PretrainResult is what a finished pretraining leaves in result.json.
type PretrainResult struct {
	Steps      int                `json:"steps"`
	Losses     map[string]float64 `json:"losses"` // of the last epoch: the means of loss, loss_tag, loss_mlm, loss_mfm (and loss_simcse)
	Val        map[string]float64 `json:"val,omitempty"`
	Videos     int                `json:"videos"`            // in an epoch
	Devices    int                `json:"devices,omitempty"` // of the last process
	VideosPerS float64            `json:"videos_per_s"`      // without compilation and validation, of the last process
	Model      string             `json:"model"`
}

// FinetuneResult is what a finished finetuning leaves in result.json.
type FinetuneResult struct {
	Steps        int     `json:"steps"`
	ValSpearman  float64 `json:"val_spearman"`
	ValMSE       float64 `json:"val_mse"`
	Split        string  `json:"split"`
	Fold         int     `json:"fold"`
	TrainPairs   int     `json:"train_pairs"`
	ValPairs     int     `json:"val_pairs"`
	ValVideos    int     `json:"val_videos"`
	LeakedPairs  int     `json:"leaked_pairs"`  // validation pairs with a video that is trained on
	LeakedVideos int     `json:"leaked_videos"` // validation videos that are trained on
	SelectedStep int     `json:"selected_step"` // whose weights the model has
	VideosPerS   float64 `json:"videos_per_s"`
	Devices      int     `json:"devices,omitempty"` // of the last process
	Model        string  `json:"model"`
}
