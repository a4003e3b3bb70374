// SPDX-License-Identifier: Apache-2.0

package study

import (
	"strconv"

	"vsim/vsimlib/competition"
)

// The scales. Tiny runs every part in seconds and its scores mean nothing; Paper is the paper's own size.
const (
	Tiny  = competition.ScaleTiny
	Demo  = competition.ScaleDemo
	Paper = competition.ScalePaper
)

// Options say on what a study works and where.
type Options struct {
	Scale  string   // Tiny | Demo | Paper
	Corpus string   // Controlled, or a corpus directory
	Recipe string   // preset or file to build on; "": the one of corpus and scale
	Set    []string // "section.name=value" over it
	Seeds  []int64  // none: those of the scale
	Runs   string   // directory of all tasks

	// HeldOut scores the held-out pairs of pairwise where the corpus has labels of test_a too: what is chosen by a study is chosen on
	// them, so that the test says what the choice is worth.
	HeldOut bool

	// Backend is the setting (backends.Setting) of the backend that computes, or backends.Any. All keys but a corpus's have it.
	Backend string
}

// set is the override that gives a setting a value.
func set(name string, value float64) string {
	return name + "=" + strconv.FormatFloat(value, 'g', -1, 64)
}
