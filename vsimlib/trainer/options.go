// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"errors"

	"github.com/gomlx/compute"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/recipe"
)

// Options of a stage.
type Options struct {
	Backend compute.Backend
	Corpus  string         // corpus directory
	Recipe  recipe.Recipe  // before Resolve
	Set     []string       // the "model.name=value" that were asked for explicitly; with Init they must fit its weights
	Out     string         // run directory
	Init    string         // model directory to start from; empty: fresh weights
	Devices int            // divide each batch among this many devices (see step.Devices); 0: one
	Force   bool           // remove an earlier run from the run directory
	Report  func(Progress) // called after every step, from the training goroutine; may be nil
	Warn    func(string)   // called with one-line warnings; may be nil

	Allowed
	Available // nil functions: what the system reports
}

// Allowed is what a run does only where it is asked for. Its result says so.
type Allowed struct {
	MixBackends bool    // go on with a run that another backend or arithmetic began
	SkipBad     float64 // pass over bad records, at most this share of those of a part; 0: the first one is an error
}

// Available is what a run may take.
type Available struct {
	Memory func() (bytes int64, reporter string) // for a step, 0 where it is unknown
	Disk   func(dir string) (bytes int64)        // on the disk of a directory, 0 where it is unknown
}

// withDefaults sets the functions that are nil.
func (o Options) withDefaults() Options {
	if o.Report == nil {
		o.Report = func(Progress) {}
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	return o
}

// ErrStopped is the error of a run that was asked to stop: its state is on disk.
var ErrStopped = errors.New("stopped; the same command goes on from here")

// PretrainResult is the content of result.json after pretraining.
type PretrainResult struct {
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

// FinetuneResult is the content of result.json after finetuning.
type FinetuneResult struct {
	Steps       int     `json:"steps"`
	ValSpearman float64 `json:"val_spearman"`
	ValMSE      float64 `json:"val_mse"`
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
	Skipped    *corpus.Skipped `json:"skipped,omitempty"` // bad records
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
