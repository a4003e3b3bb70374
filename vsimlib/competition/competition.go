// SPDX-License-Identifier: Apache-2.0

// Package competition has the names that the QQ Browser 2021 AI competition and its winning solution gave to things, and those of
// the presets. Files, settings and results use them; one list of each is enough.
package competition

// The parts of a corpus; each is a folder of record files.
const (
	Pointwise = "pointwise" // videos with tags, for pretraining
	Pairwise  = "pairwise"  // videos of labelled pairs, for finetuning
	TestA     = "test_a"    // videos of the public ranking
	TestB     = "test_b"    // videos of the final ranking
)

// Parts returns the names of all parts, in the order in which they are read.
func Parts() []string { return []string{Pointwise, Pairwise, TestA, TestB} }

// Training returns the parts whose videos have tags, in the order in which they are read.
func Training() []string { return []string{Pointwise, Pairwise} }

// Tests returns the parts of the rankings.
func Tests() []string { return []string{TestA, TestB} }

// Names of files of a corpus.
const (
	RecordSuffix   = ".tfrecords"      // of record files as the competition named them; package tfrecord knows more names
	LabelFile      = "label.tsv"       // in a part's folder: id TAB id TAB similarity
	TagListFile    = "tag_list.txt"    // the tags of the tag task, one a line
	TagNamesFile   = "tag_names.tsv"   // optional: tag TAB name TAB count
	TitleNamesFile = "title_names.tsv" // optional: video id TAB title TAB English name
	VocabFile      = "vocab.txt"       // optional: the word pieces of the titles, one a line
)

// ResultFile is the file inside a submission.
const ResultFile = "result.json"

// Splits of the labelled pairs into training and validation.
const (
	SplitReleased  = "released"  // as the released code: videos of validation are trained on too
	SplitStrict    = "strict"    // as the paper: pairs with one video on either side are dropped
	SplitComponent = "component" // whole components of the graph of pairs
)

// Splits returns the names of all splits.
func Splits() []string { return []string{SplitReleased, SplitStrict, SplitComponent} }

// Layouts of a model's input.
const (
	LayoutCLSFirst    = "cls_first"    // [CLS] frames [SEP] title [SEP]
	LayoutFramesFirst = "frames_first" // frames [CLS] title [SEP]
)

// Layouts returns the names of all layouts.
func Layouts() []string { return []string{LayoutCLSFirst, LayoutFramesFirst} }

// Scales are the presets of a recipe, and the sizes at which notebooks and studies run.
const (
	ScaleTiny  = "tiny"  // seconds, to see that all works
	ScaleDemo  = "demo"  // minutes on a laptop
	ScalePaper = "paper" // the competition's
)

// Scales returns the names of all scales, the smallest first.
func Scales() []string { return []string{ScaleTiny, ScaleDemo, ScalePaper} }
