// SPDX-License-Identifier: Apache-2.0

package study

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/synth"
)

// Controlled is the corpus that a study generates for itself.
const Controlled = "controlled"

// source is where a study's videos come from: a corpus that is there, or one that is generated.
type source struct {
	name   string // for people
	synth  *synth.Options
	corpus *corpus.Corpus // nil where generated

	pointwise, pairwise, pairs int           // videos, videos, pairs
	labelled                   []corpus.Pair // those of pairwise; none where generated
	tags                       int
	speech                     bool   // some videos have asr_text
	test                       string // part that is scored: test_a, or where that has no labels the held-out pairs of pairwise
	testVideos                 int
}

// openSource finds out what a study must know of its corpus before it is planned.
func openSource(dir, scale string) (source, error) {
	if dir == Controlled {
		return generated(scale), nil
	}
	c, err := corpus.Open(dir)
	if err != nil {
		return source{}, err
	}
	s := source{name: filepath.Base(filepath.Clean(dir)), corpus: c, test: competition.Pairwise}
	for part, videos := range map[string]*int{competition.Pointwise: &s.pointwise, competition.Pairwise: &s.pairwise,
		competition.TestA: &s.testVideos} {
		set, err := c.Part(part)
		if err != nil && (part == competition.Pairwise || len(c.Files(part)) > 0) { // other parts may be absent, but not bad
			return s, err
		}
		if err == nil {
			*videos = set.Len()
		}
	}
	pairs, err := c.Pairs(competition.Pairwise)
	if err != nil {
		return s, err
	}
	s.labelled, s.pairs = pairs, len(pairs)
	if s.speech, err = speaks(c); err != nil {
		return s, err
	}
	tags, err := c.Tags()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	s.tags = len(tags)
	if _, err := os.Stat(filepath.Join(dir, competition.TestA, competition.LabelFile)); err != nil || s.testVideos == 0 {
		return s.heldOut(), nil
	}
	s.test = competition.TestA
	_, err = c.Pairs(s.test) // scored at the end: what is wrong with them is said before anything is trained
	return s, err
}

// generated is the controlled corpus. At demo it has as many videos as the study of their number wants; the others take the first
// ones.
func generated(scale string) source {
	o := synth.Options{Like: synth.Controlled, Pointwise: synth.DefaultPointwise, Pairs: synth.DefaultPairs, Seed: 2021}
	if scale == Tiny {
		o.Pointwise, o.Pairs = 256, 400
	}
	return source{name: Controlled, synth: &o, pointwise: o.Pointwise, pairwise: (o.Pairs*5 + 4) / 8, pairs: o.Pairs,
		tags: synth.ControlledTags, test: competition.TestA, testVideos: synth.ControlledTestVideos}
}

// heldOut is the source with the held-out pairs of pairwise scored.
func (s source) heldOut() source {
	s.test, s.testVideos = competition.Pairwise, s.pairwise
	return s
}

// spoken is the generated corpus with speech, all else being as without it.
func (s source) spoken() source {
	o := *s.synth
	o.ASR = true
	s.synth, s.speech, s.name = &o, true, s.name+", with speech"
	return s
}

// speaks reports whether any of the first videos of pairwise has asr_text.
func speaks(c *corpus.Corpus) (bool, error) {
	set, err := c.Part(competition.Pairwise)
	if err != nil {
		return false, err
	}
	for i := range min(set.Len(), 256) {
		v, err := set.Video(i)
		if err != nil || v.ASRText != "" {
			return err == nil, err
		}
	}
	return false, nil
}

// fingerprint is of the contents of parts of the corpus; a generated one has it from its task.
func (s source) fingerprint(parts ...string) (string, error) {
	if s.corpus == nil {
		return "", nil
	}
	there := s.corpus.Parts()
	var read []string
	for _, part := range there {
		for _, wanted := range parts {
			if part == wanted {
				read = append(read, part)
			}
		}
	}
	return s.corpus.Fingerprint(read...)
}

// describe is the corpus in words, for the table.
func (s source) describe() string {
	return fmt.Sprintf("%s: %d pointwise and %d pairwise videos, %d labelled pairs, %d tags", s.name, s.pointwise, s.pairwise,
		s.pairs, s.tags)
}

// part is what is scored, in words.
func (s source) part() string {
	if s.test == competition.Pairwise {
		return "held-out pairs of pairwise"
	}
	return s.test
}
