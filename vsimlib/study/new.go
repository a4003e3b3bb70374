// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/text"
)

// Names are the studies, in the order of the notebooks.
func Names() []string {
	names := make([]string, len(studies))
	for i, s := range studies {
		names[i] = s.name
	}
	return names
}

// Unknown is the error of an unknown name; it names the nearest study where one is near.
func Unknown(name string) error {
	return fmt.Errorf("unknown study %q; %s", name, text.Known(name, Names()))
}

// New returns the study of that name.
func New(name string, o Options) (*Study, error) {
	if !slices.Contains(Names(), name) {
		return nil, Unknown(name)
	}
	return Build(name, o, nil)
}

// Build returns a study under any name, with the base and the source of videos that the options name. Under the name of one of
// Names it begins as that study; define (nil: nothing) then sets question, axis, cells, baseline and dims.
func Build(name string, o Options, define func(*Study) error) (*Study, error) {
	src, err := openSource(o.Corpus, o.Scale)
	if err != nil {
		return nil, err
	}
	if src.synth != nil && name == Others {
		src = src.spoken()
	}
	if o.HeldOut {
		src = src.heldOut()
	}
	base, err := baseRecipe(name, o, src)
	if err != nil {
		return nil, err
	}
	s := &Study{Name: name, Question: name, Scale: o.Scale, Base: base, Seeds: o.Seeds, Backend: o.Backend, source: src, runs: o.Runs}
	if len(s.Seeds) == 0 {
		s.Seeds = DefaultSeeds(name, o.Scale)
	}
	if i := slices.IndexFunc(studies, func(d definition) bool { return d.name == name }); i >= 0 {
		s.Question = studies[i].question
		studies[i].fill(s)
	}
	if define != nil {
		if err := define(s); err != nil {
			return nil, err
		}
	}
	return s, s.check()
}

// Varied are the settings that the cells of a named study change, the one that a list of values is for first; none of other names
// and where cells differ otherwise.
func Varied(name string) []string {
	for _, d := range studies {
		if d.name == name {
			return strings.Fields(d.varied)
		}
	}
	return nil
}
