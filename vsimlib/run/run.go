// SPDX-License-Identifier: Apache-2.0

// Package run knows the run directory: the name of every file in it, the lines of metrics.jsonl, and the lock that keeps two
// processes apart.
//
//	RUN/vsim.json       marks the directory as a run (see package outdir)
//	RUN/recipe.json     all settings, resolved
//	RUN/identity.json   the stage, and checksums of the corpus and the weights it started from
//	RUN/metrics.jsonl   one JSON object a line: of a step its losses, lr, grad_norm (of all gradients together; runs that an
//	                    older vsim began have lines without it) and videos_per_s; of a validation its scores, val_…
//	RUN/result.json     what the run found
//	RUN/checkpoints/    states to continue from
//	RUN/model/          a model directory: config.json, model.safetensors, vocab.txt
package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/outdir"
)

// Names of the files of a model directory.
const (
	ConfigFile  = "config.json"
	WeightsFile = "model.safetensors"
	VocabFile   = "vocab.txt"
	CardFile    = "README.md" // model card
	// TokenizerConfigFile tells transformers how vsim's tokenizer cuts text; vsim itself does not read it.
	TokenizerConfigFile = "tokenizer_config.json"
)

// Dir is the path of one run directory.
type Dir string

// Recipe is the path of the resolved settings.
func (d Dir) Recipe() string { return filepath.Join(string(d), "recipe.json") }

// Identity is the path of what the run was started on.
func (d Dir) Identity() string { return filepath.Join(string(d), "identity.json") }

// Metrics is the path of the training log, a JSON object a line.
func (d Dir) Metrics() string { return filepath.Join(string(d), "metrics.jsonl") }

// Result is the path of the run's outcome.
func (d Dir) Result() string { return filepath.Join(string(d), "result.json") }

// Checkpoints is the folder of the states to continue from.
func (d Dir) Checkpoints() string { return filepath.Join(string(d), "checkpoints") }

// Model is the model directory that the run leaves.
func (d Dir) Model() string { return filepath.Join(string(d), "model") }

// lockFile is the path of the file that Lock holds.
func (d Dir) lockFile() string { return filepath.Join(string(d), outdir.LockFile) }

// Refuse returns an error if path exists and force is false: nothing is overwritten unless asked.
func Refuse(path string, force bool) error {
	if force {
		return nil
	}
	switch _, err := os.Lstat(path); {
	case err == nil:
		return fmt.Errorf("%s: exists; --force overwrites it", path)
	case errors.Is(err, os.ErrNotExist):
		return nil
	default:
		return fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
}
