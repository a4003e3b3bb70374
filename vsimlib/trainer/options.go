// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"errors"

	"github.com/gomlx/compute"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run/outcome"
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

// What the stages return, and write as result.json.
type (
	PretrainResult = outcome.Pretrain
	FinetuneResult = outcome.Finetune
)
