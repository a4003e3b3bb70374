// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/own"
	"vsim/vsimlib/own/choose"
	"vsim/vsimlib/study/grid/option"
)

// StudyOption changes a study of a cell; CellOption makes a cell of a study: a setting as text, "section.name=value", or an option.
// Own is a function in GoMLX's graph operations, as an option of Cell, Pretrain and Finetune; TaskInputs is what a Task reads.
type (
	StudyOption = option.Option
	CellOption  = option.CellOption
	Own         = choose.Function
	TaskInputs  = own.TaskInputs
)

// On is a corpus that a study can be on.
type On = option.On

// The corpora: the generated one, which is the default, and the shipped clips.
const (
	OnControlled = option.OnControlled
	OnEmoji      = option.OnEmoji
)

// Options of Study, Grid and Collect.
var (
	Cell      = option.Cell      // (label, options...): a cell, and what it changes of the base
	Vary      = option.Vary      // ("section.name", values...): a cell for each value; two of it are all combinations
	Times     = option.Times     // ("section.name", factors...): a cell for each factor of the base's value
	Values    = option.Values    // (values...): a cell for each value of the setting that a named study varies, and the base
	Members   = option.Members   // (n...): a cell for each of these of the paper's six members
	Ensembles = option.Ensembles // (widths...): all sets of the cells joined, and all truncated to these widths, falling
	Seeds     = option.Seeds     // (n...): every cell with each of these seeds
	Set       = option.Set       // ("section.name=value"...): settings of all cells
	Corpus    = option.Corpus    // ("controlled", "emoji" or a directory)
	HeldOut   = option.HeldOut   // (): the held-out pairs of pairwise are scored, not test_a: a choice among cells is made on them
	Baseline  = option.Baseline  // (label): the cell that the others are compared with
	Question  = option.Question  // (words): heads tables and figures
	Axis      = option.Axis      // (label, "even" or "log"): of the figure
	AtTiny    = option.AtTiny    // (options...): other cells at scale tiny
	Yes       = option.Yes       // (): allows more than a thousand trainings
)

// Options of Cell. The last three are also options of Pretrain and Finetune; a cell that embeds such a model calls Pooling too.
var (
	Teachers = option.Teachers // (n...): the ensemble of these members teaches the cell's model, with finetune.weight_teacher
	Member   = option.Member   // (n): the cell is one of the paper's six members
	Tune     = option.Tune     // ("model.name=value"): from finetuning on, so that cells share a pretraining
	X        = option.X        // (value): where the cell is on the figure's axis

	PairLoss = choose.PairLoss // (func(first, second, target *Node) *Node): embeddings [B,D] twice and labels [B] to a scalar
	Pooling  = choose.Pooling  // (func(states, mask *Node) *Node): last layer [B,S,H] and real positions [B,S] to [B,H]
	Task     = choose.Task     // (weight, func(TaskInputs) *Node): to a scalar, with its weight in the loss
)
