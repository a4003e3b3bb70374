// SPDX-License-Identifier: Apache-2.0

package runid

import (
	"encoding/json"
	"time"

	"vsim/vsimlib/provenance"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/text"
)

// Start is all that decides a run's result: its identity, the settings that its stage reads, and the processes that computed it.
// Every checkpoint has it.
type Start struct {
	Identity
	Recipe     json.RawMessage `json:"recipe"`               // sections of the resolved recipe, without settings that change no result
	Provenance provenance.List `json:"provenance,omitempty"` // older versions did not write it
	Skipped    int             `json:"skipped,omitempty"`    // bad records of the corpus, which its fingerprint covers

	settings recipe.Recipe
	init     string // model directory, "" for none

	mix    bool      // a run continues on another backend or with another arithmetic
	began  time.Time // of this process
	before float64   // seconds of the last entry of Provenance, without this process
}

// NewStart returns the start of a run with an identity and a resolved recipe, from the model directory init, "" for none.
func NewStart(id Identity, r recipe.Recipe, init string) (Start, error) {
	s := Start{Identity: id, settings: read(id.Stage, r), init: init}
	sections := map[string]any{"model": s.settings.Model, "pretrain": s.settings.Pretrain}
	if id.Stage != pretrain {
		sections = map[string]any{"model": s.settings.Model, "finetune": s.settings.Finetune}
	}
	var err error
	s.Recipe, err = json.Marshal(sections)
	return s, err
}

// pretrain is the stage that reads the section of that name; the other one reads finetune.
const pretrain = "pretrain"

// read leaves of a recipe what decides a stage's result; all else is as in the preset demo. When a run validates, what it validates
// pretraining on and when it saves may change on the way, but not when finetuning validates, for that decides what it selects.
func read(stage string, r recipe.Recipe) recipe.Recipe {
	usual, _ := recipe.Preset("demo")
	r = r.ForStage(stage)
	p, q := &r.Pretrain, usual.Pretrain
	p.ValEvery, p.ValVideos, p.CheckpointEvery, p.CheckpointKeep = q.ValEvery, q.ValVideos, q.CheckpointEvery, q.CheckpointKeep
	r.Finetune.Teacher = "" // the identity has its checksum
	r.Finetune.CheckpointEvery, r.Finetune.CheckpointKeep = usual.Finetune.CheckpointEvery, usual.Finetune.CheckpointKeep
	return r
}

// Differs lists in what another start differs from s, which was read from a checkpoint; none where it is the same run.
func (s Start) Differs(now Start) ([]string, error) {
	var list []string
	if s.Stage != now.Stage {
		return []string{"the stage was " + s.Stage + ", is " + now.Stage}, nil
	}
	was, err := recipe.Decode(s.Recipe)
	if err != nil {
		return nil, err
	}
	for _, d := range read(s.Stage, was).Diff(now.settings) {
		list = append(list, d.String())
	}
	for _, c := range []struct{ name, was, is string }{
		{"the vocabulary", s.Vocab, now.Vocab}, {"the corpus", s.Corpus, now.Corpus}, {"the initial model", s.Init, now.Init},
		{"the teacher", s.Teacher, now.Teacher},
	} {
		if c.was != c.is && (c.name != "the initial model" || s.Init != now.older(now.init).Init) {
			list = append(list, c.name+" is another")
		}
	}
	return list, nil
}

// Describe is a list of differences in one line, of which the first few are shown.
func Describe(differences []string) string { return text.Few(differences, 3) }
