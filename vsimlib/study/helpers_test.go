// SPDX-License-Identifier: Apache-2.0

package study

import (
	"testing"

	"vsim/vsimlib/study/studytest"
)

// small is a study of the studytest.Smallest trainings.
func small(t *testing.T, name, corpus, runs string, set ...string) *Study {
	t.Helper()
	s, err := New(name, Options{Scale: Tiny, Corpus: corpus, Runs: runs, Backend: "go",
		Set: append(append([]string(nil), studytest.Smallest...), set...)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func plan(t *testing.T, s *Study) *Grid {
	t.Helper()
	g, err := s.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return g
}
