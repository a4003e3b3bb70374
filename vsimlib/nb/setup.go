// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/inspect"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace"
)

// Setting is where, at what scale and on what backend a notebook runs.
type Setting struct {
	Scale   string `json:"scale"`
	Backend string `json:"backend"`
	Corpus  string `json:"corpus"`
	Runs    string `json:"runs"`
	Figures string `json:"figures"`
	Results string `json:"results"`
}

// Setup describes the setting of this notebook. It creates nothing.
func Setup() (Setting, error) {
	w, err := workspace.Open()
	if err != nil {
		return Setting{}, err
	}
	d, err := openDevice()
	if err != nil {
		return Setting{}, err
	}
	kind := d.info.Backend
	if d.info.Kind != d.info.Backend {
		kind += " " + d.info.Kind
	}
	return Setting{Scale: w.Scale, Backend: kind, Corpus: w.Corpus, Runs: w.Runs, Figures: w.Figures, Results: w.Results}, nil
}

// CheckCorpus reads and checks every record of the corpus and counts what its parts have.
func CheckCorpus() ([]results.CorpusPart, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	return inspect.CorpusParts(w.Corpus)
}

// Recipe is the preset of the notebook's scale as the n-th of the six members, with the settings of VSIM_SET and then these
// ("section.name=value") changed.
func Recipe(member int, set ...string) (recipe.Recipe, error) {
	w, err := workspace.Open()
	if err != nil {
		return recipe.Recipe{}, err
	}
	return w.Recipe(member, set...)
}
