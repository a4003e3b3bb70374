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

// Unknown is the error of an unknown name; it names the nearest study.
func Unknown(name string) error {
	return fmt.Errorf("unknown study %q; the nearest is %q, and there are %s", name, text.Nearest(name, Names()),
		strings.Join(Names(), ", "))
}

// New returns the study of that name.
func New(name string, o Options) (*Study, error) {
	i := slices.IndexFunc(studies, func(s definition) bool { return s.name == name })
	if i < 0 {
		return nil, Unknown(name)
	}
	src, err := openSource(o.Corpus, o.Scale)
	if err != nil {
		return nil, err
	}
	if src.synth != nil && name == Others {
		src = src.spoken()
	}
	base, err := baseRecipe(name, o, src)
	if err != nil {
		return nil, err
	}
	s := &Study{Name: name, Question: studies[i].question, Scale: o.Scale, Base: base, Seeds: o.Seeds, Backend: o.Backend, source: src,
		runs: o.Runs}
	if len(s.Seeds) == 0 {
		s.Seeds = DefaultSeeds(o.Scale)
	}
	studies[i].fill(s)
	return s, s.check()
}
