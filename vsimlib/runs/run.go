// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"errors"
	"fmt"
	"path/filepath"

	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runid"
)

// State is how far a run is. It is derived from the run's manifest, lock and files.
type State string

// The states.
const (
	Done    State = "done"    // its manifest holds by names and sizes; an older version wrote none
	Running State = "running" // a process has the directory
	Stopped State = "stopped" // by a signal or with an error, in order: the directory was released
	Died    State = "died"    // its process was killed, or the machine stopped
	Damaged State = "damaged" // it was done, and a file is missing or of another size
)

// States lists the states.
func States() []string {
	return []string{string(Done), string(Running), string(Stopped), string(Died), string(Damaged)}
}

// Run is one training.
type Run struct {
	Dir        string             `json:"dir"`
	Stage      string             `json:"stage"` // pretrain or finetune
	State      State              `json:"state"`
	Step       int                `json:"step"`       // the last that was logged
	Steps      *int               `json:"steps"`      // of the whole training; null where that is not known
	Checkpoint int                `json:"checkpoint"` // the step that an unfinished run goes on from, 0 for its start
	Preset     string             `json:"preset"`     // the nearest one
	Member     int                `json:"member"`     // of the six that it is nearest to
	Settings   []string           `json:"settings"`   // section.name=value, those of its stage that differ from the preset
	Scores     map[string]float64 `json:"scores"`     // by their names in metrics.jsonl and result.json; test_a_spearman of studies
	Validation
	Split    string   `json:"split,omitempty"`
	Start    string   `json:"start,omitempty"`   // UTC
	Seconds  float64  `json:"seconds,omitempty"` // of all its processes; 0: not known
	Bytes    int64    `json:"bytes"`             // of all files
	Init     string   `json:"init,omitempty"`    // sha256 of the initial weights, "" for fresh ones
	Problems []string `json:"problems,omitempty"`

	identity identity
	recipe   recipe.Recipe
	values   []recipe.Assignment // of recipe
	made     provenance.List     // by what it was computed
}

// Validation is a finetuning's scores once more, under the names that vsim finetune has them.
type Validation struct {
	Spearman *float64 `json:"val_spearman,omitempty"`
	MSE      *float64 `json:"val_mse,omitempty"`
}

// identity is identity.json.
type identity struct {
	runid.Identity
	Provenance *provenance.Process `json:"provenance"`
}

// result is what this package reads of result.json, of both stages.
type result struct {
	Steps  int                `json:"steps"`
	Losses map[string]float64 `json:"losses"`
	Val    map[string]float64 `json:"val"`
	Validation
	Split      string          `json:"split"`
	Provenance provenance.List `json:"provenance"`
}

// Read reads the run in a directory. A run without its identity or its recipe is an error.
func Read(path string) (Run, error) { return read(path, bases{}) }

func read(path string, made bases) (Run, error) {
	dir := run.Dir(path)
	r := Run{Dir: path, Settings: []string{}, Scores: map[string]float64{}}
	if err := jsonfile.Read(dir.Identity(), &r.identity); err != nil {
		return r, err
	}
	r.Stage, r.Init = r.identity.Stage, r.identity.Init
	if r.Stage != "pretrain" && r.Stage != "finetune" {
		return r, fmt.Errorf("%s: %q is no stage of training", dir.Identity(), r.Stage)
	}
	var err error
	if r.recipe, err = recipe.Load(dir.Recipe()); err != nil {
		return r, err
	}
	r.values = r.recipe.Assignments()
	r.nearest(made)
	r.state(dir)
	r.Bytes = checkpoint.Size(path)
	if r.identity.Provenance != nil {
		r.Start, r.made = r.identity.Provenance.Start, provenance.List{*r.identity.Provenance}
	}
	var found result
	if r.State == Done && jsonfile.Read(dir.Result(), &found) == nil {
		r.finished(found)
		return r, nil
	}
	r.unfinished(dir)
	return r, nil
}

// state derives the state.
func (r *Run) state(dir run.Dir) {
	m, err := manifest.Read(string(dir))
	if err == nil {
		for _, p := range m.Glance() {
			r.Problems = append(r.Problems, p.Error())
		}
	} else if !errors.Is(err, manifest.ErrNone) {
		r.Problems = append(r.Problems, err.Error())
	}
	// An older version wrote no manifest; a process may also have ended between the result and the manifest.
	result := err != nil && jsonfile.Exists(dir.Result()) && jsonfile.Exists(filepath.Join(dir.Model(), run.WeightsFile))
	busy, died := dir.Last()
	switch {
	case err == nil && len(r.Problems) == 0:
		r.State = Done
	case busy:
		r.State = Running
	case len(r.Problems) > 0:
		r.State = Damaged
	case result:
		r.State = Done
	case died:
		r.State = Died
	default:
		r.State = Stopped
	}
}

// finished takes what the result says.
func (r *Run) finished(found result) {
	r.Step, r.Checkpoint, r.Steps, r.Split = found.Steps, found.Steps, &found.Steps, found.Split
	for _, values := range []map[string]float64{found.Losses, found.Val} {
		for name, v := range values {
			r.Scores[name] = v
		}
	}
	r.Validation = found.Validation
	for name, v := range map[string]*float64{"val_spearman": found.Spearman, "val_mse": found.MSE} {
		if v != nil {
			r.Scores[name] = *v
		}
	}
	r.spent(found.Provenance)
}

// unfinished takes what the log and the newest checkpoint say.
func (r *Run) unfinished(dir run.Dir) {
	log := glimpse(dir.Metrics())
	r.Step, r.Steps = log.step(), log.steps(r.Stage, r.recipe)
	for name, v := range log.scores() {
		r.Scores[name] = v
	}
	if r.Stage == "finetune" {
		r.Split = r.recipe.Finetune.Split
		if v, ok := r.Scores["val_spearman"]; ok {
			r.Spearman = &v
		}
		if v, ok := r.Scores["val_mse"]; ok {
			r.MSE = &v
		}
	}
	step, state, ok := checkpoint.Newest(dir.Checkpoints())
	if !ok {
		return
	}
	r.Checkpoint = step
	var by struct {
		Run struct {
			Provenance provenance.List `json:"provenance"`
		} `json:"run"`
	}
	if jsonfile.Decode(dir.Checkpoints(), state, &by) == nil {
		r.spent(by.Run.Provenance)
	}
}

// spent sets by what the run was computed, and its seconds, where a list says so.
func (r *Run) spent(list provenance.List) {
	if len(list) > 0 {
		r.made, r.Seconds = list, list.Seconds()
	}
}

// Summary says the state with the step, in words.
func (r Run) Summary() string {
	switch r.State {
	case Done:
		return string(r.State)
	case Died:
		if r.Checkpoint != r.Step {
			return fmt.Sprintf("died at step %d (goes on from %d)", r.Step, r.Checkpoint)
		}
	}
	return fmt.Sprintf("%s at step %d", r.State, r.Step)
}

// Score is the number that sums the run up, with its name: what its stage is validated by, or the loss.
func (r Run) Score() (name string, value float64, ok bool) {
	for _, name := range []string{"val_spearman", "val_loss", "loss"} {
		if v, has := r.Scores[name]; has {
			return name, v, true
		}
	}
	return "", 0, false
}
