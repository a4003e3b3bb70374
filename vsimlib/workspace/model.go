// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/run"
)

// Stages of a model's training, and the names of their run directories.
const (
	Pretrain = "pretrain"
	Finetune = "finetune"
)

// Model is a model or an ensemble of the workspace, which need not exist yet.
type Model struct {
	Name string
	Dir  string // its directory
}

// Model is the model of that name. A name that is not that of a visible folder is an error.
func (w Workspace) Model(name string) (Model, error) {
	if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return Model{}, fmt.Errorf("invalid model name %q", name)
	}
	return Model{name, filepath.Join(w.Runs, name)}, nil
}

// Run is the run directory of a stage, Pretrain or Finetune.
func (m Model) Run(stage string) run.Dir { return run.Dir(filepath.Join(m.Dir, stage)) }

// Embeddings is the file of the model's embeddings of a part of the corpus.
func (m Model) Embeddings(part string) string { return filepath.Join(m.Dir, part+".safetensors") }

// HasEmbeddings reports whether a part of the corpus has been embedded.
func (m Model) HasEmbeddings(part string) bool { return jsonfile.Exists(m.Embeddings(part)) }

// ensembleFile lists the members of an ensemble; a trained model has none.
func (m Model) ensembleFile() string { return filepath.Join(m.Dir, "ensemble.json") }

// IsEnsemble reports whether this is an ensemble of other models.
func (m Model) IsEnsemble() bool { return jsonfile.Exists(m.ensembleFile()) }

// Ensemble describes an ensemble, by part of the corpus.
func (m Model) Ensemble() ([]results.Joined, error) {
	var list []results.Joined
	err := jsonfile.Read(m.ensembleFile(), &list)
	return list, err
}

// WriteEnsemble makes this model an ensemble.
func (m Model) WriteEnsemble(list []results.Joined) error {
	return jsonfile.Write(m.ensembleFile(), list)
}

// Finished reads the result of a stage that is done, and returns the recipe that it was trained with.
func (m Model) Finished(stage string, result any) (recipe.Recipe, error) {
	dir := m.Run(stage)
	if !jsonfile.Exists(dir.Result()) {
		return recipe.Recipe{}, fmt.Errorf("%s is not finished; run the cell that trains it", dir)
	}
	if err := jsonfile.Read(dir.Result(), result); err != nil {
		return recipe.Recipe{}, err
	}
	if m, err := manifest.Read(string(dir)); err == nil {
		for _, p := range m.Check(nil) {
			return recipe.Recipe{}, fmt.Errorf("%w; run the cell that trains it", p)
		}
	}
	return recipe.Load(dir.Recipe())
}

func (m Model) secondsFile() string { return filepath.Join(m.Dir, "seconds.json") }

// Seconds is how long each stage has taken, with compilation and validation; a stage that was not trained is absent.
func (m Model) Seconds() (map[string]float64, error) {
	seconds := map[string]float64{}
	if err := jsonfile.Read(m.secondsFile(), &seconds); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return seconds, nil
}

// AddSeconds adds to the time of a stage, in tenths, and returns its total; a fresh run starts from 0.
func (m Model) AddSeconds(stage string, took float64, fresh bool) (total float64, err error) {
	seconds, err := m.Seconds()
	if err != nil {
		return took, err
	}
	if fresh {
		seconds[stage] = 0
	}
	seconds[stage] = math.Round(10*(seconds[stage]+took)) / 10
	return seconds[stage], jsonfile.Write(m.secondsFile(), seconds)
}
