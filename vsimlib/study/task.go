// SPDX-License-Identifier: Apache-2.0

package study

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/run"
	"vsim/vsimlib/synth"
)

// Kind is what a task does.
type Kind string

// The kinds, in the order in which a cell needs them.
const (
	Corpus   Kind = "corpus"   // writes a generated corpus
	Pretrain Kind = "pretrain" // trains on tags, words and frames
	Finetune Kind = "finetune" // trains on pairs
	Embed    Kind = "embed"    // embeds a part of the corpus, and scores it
	Ensemble Kind = "ensemble" // joins the embeddings of several models in all ways
)

// Task is one piece of work of a grid, in a directory of its own.
type Task struct {
	Key   string
	Kind  Kind
	Needs []string // keys of the tasks that must be done before
	Dir   string
	Label string  // for people: of the first cell that needs it
	Cost  float64 // about how long it takes beside other tasks: videos trained on

	// What it works on; one of them is there, by its kind.
	Synth    *synth.Options
	Train    *TrainWork
	Embed    *EmbedWork
	Ensemble *EnsembleWork

	content content
}

// TrainWork is that of Pretrain and Finetune, as package trainer takes it.
type TrainWork struct {
	Corpus string        // directory
	Recipe recipe.Recipe // sections that the stage does not read are as in the preset demo
	Set    []string      // "model.name=value" that change the model started from
	Init   string        // model directory, of Finetune
}

// EmbedWork is one part of the corpus, embedded by one model.
type EmbedWork struct {
	Corpus string // directory
	Part   string // test_a | pairwise
	Model  string // model directory
	// Split and Fold say which pairs of pairwise are scored: those held out.
	Split string
	Fold  int
}

// Names of a task's files.
const (
	taskFile       = "task.json"
	failedFile     = "failed.json"
	runFolder      = "run"
	corpusFolder   = "corpus"
	embeddingsFile = "embeddings.safetensors"
)

func (t *Task) path(name string) string { return filepath.Join(t.Dir, name) }

// Run is the run directory of a task that trains.
func (t *Task) Run() run.Dir { return run.Dir(t.path(runFolder)) }

// Done tells whether the task has its result.
func (t *Task) Done() bool {
	_, err := os.Stat(run.Dir(t.Dir).Result())
	return err == nil
}

// Failure is why the task failed the last time it was run, in one line; "" where it did not.
func (t *Task) Failure() string {
	if t.Done() {
		return ""
	}
	var f failure
	if err := readJSON(t.path(failedFile), &f); err != nil {
		return ""
	}
	return f.Error
}

// failure is failed.json.
type failure struct {
	Error string `json:"error"`
}

// result is result.json. Seconds are for estimates and never in a table: a run that was stopped counts its last process alone.
type result struct {
	Seconds  float64                  `json:"seconds"`
	Score    *Score                   `json:"score,omitempty"`    // of Embed
	Ensemble []results.EnsembleScores `json:"ensemble,omitempty"` // of Ensemble
}

func (t *Task) result() (result, error) {
	var r result
	err := readJSON(run.Dir(t.Dir).Result(), &r)
	return r, err
}

// readJSON reads a file that this package wrote.
func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("study: %w", err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("study: %s: %w; remove it and run again", path, err)
	}
	return nil
}
