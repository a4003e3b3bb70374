// SPDX-License-Identifier: Apache-2.0

// Package task is a piece of work of a study, in a directory of its own.
//
// A task's key is a hash of all that decides its result: the recipe's sections that it reads, the corpus's contents, the backend,
// the number of what is computed (package arithmetic), the keys of the tasks that it needs. Its directory is RUNS/study/KIND-KEY/:
//
//	task.json     what the key is the hash of
//	result.json   what it found
//	vsim.json     lists the files; the task is done where they are as it says (package manifest)
//	failed.json   in one line why it failed the last time; another run tries again
//	run/          of pretrain and finetune: the run directory
//	corpus/       of corpus: the generated corpus
//	embeddings.safetensors
package task

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/run"
	"vsim/vsimlib/synth"
)

// Task is one piece of work of a grid, in a directory of its own.
type Task struct {
	Key   string
	Kind  Kind
	Needs []string // keys of the tasks that must be done before
	Dir   string
	Label string  // for people: of the first cell that needs it
	Cost  float64 // about how long it takes relative to other tasks: videos that the base's model is trained on

	// The work; by Kind, one of them is set.
	Synth    *synth.Options
	Train    *TrainWork
	Embed    *EmbedWork
	Join     *JoinWork
	Ensemble *EnsembleWork

	content Content
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
	// Split and Fold select the pairs of pairwise that are scored: those held out.
	Split string
	Fold  int
}

// EnsembleWork joins the models of several tasks of kind Embed in all ways.
type EnsembleWork struct {
	Members []int   // their numbers among the paper's six
	Test    []*Task // a member's embeddings of the videos that are scored
	Held    []*Task // its embeddings of pairwise, whose held-out pairs weights are fitted on
	Dims    []int   // of the joined embeddings, falling
}

// JoinWork joins the embeddings of several models into one file, in equal weights, from which another model learns.
type JoinWork struct {
	Members []*Task // of kind Embed
	Dim     int
}

// Result is result.json. Seconds are for estimates and never in a table: of a run that was stopped they are those of its last
// process.
type Result struct {
	Seconds  float64                  `json:"seconds"`
	Work     float64                  `json:"work,omitempty"`     // see Grid.Work
	Score    *evaluate.Result         `json:"score,omitempty"`    // of Embed
	Ensemble []results.EnsembleScores `json:"ensemble,omitempty"` // of Ensemble

	Provenance provenance.List `json:"provenance,omitempty"` // by what it was computed, of tasks that train or embed
}

// failure is failed.json.
type failure struct {
	Error string `json:"error"`
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

// CorpusDir is where a task that generates a corpus writes it.
func (t *Task) CorpusDir() string { return t.path(corpusFolder) }

// Run is the run directory of a task that trains.
func (t *Task) Run() run.Dir { return run.Dir(t.path(runFolder)) }

// EmbeddingsFile is the file of a task that embeds or joins.
func (t *Task) EmbeddingsFile() string { return t.path(embeddingsFile) }

// Scored is what a task embeds, or of which it joins embeddings.
func (t *Task) Scored() *EmbedWork {
	if t.Kind == Join {
		return t.Join.Members[0].Embed
	}
	return t.Embed
}

func (t *Task) dir() run.Dir { return run.Dir(t.Dir) }

// Begin writes what the key is the hash of into the task's directory.
func (t *Task) Begin() error { return jsonfile.Write(t.path(taskFile), t.content) }

// Fail writes in one line why the task failed.
func (t *Task) Fail(why string) error {
	if err := os.MkdirAll(t.Dir, 0o777); err != nil {
		return fmt.Errorf("task: %w", err)
	}
	return jsonfile.Write(t.path(failedFile), failure{why})
}

// ForgetFailure removes the failure of an earlier run.
func (t *Task) ForgetFailure() error {
	if err := os.Remove(t.path(failedFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("task: %w", err)
	}
	return nil
}

// Reset makes the task in a directory undone; a directory without one stays as it is.
func Reset(dir string) error {
	if !jsonfile.Exists(filepath.Join(dir, taskFile)) {
		return nil
	}
	if err := os.Remove(run.Dir(dir).Result()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("task: %w", err)
	}
	return nil
}

// Weight is the cost, but never 0, so that every task counts in the progress.
func (t *Task) Weight() float64 { return cmp.Or(t.Cost, 1) }
