// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/own"
	"vsim/vsimlib/own/choose"
)

// Own is a function of a cell's, written in GoMLX's graph operations, as an option of Cell, Pretrain and Finetune. Its formula is
// part of what is trained: with another constant it trains anew, under another name it does not. A later cell that embeds a model
// with an own pooling calls Pooling with it too.
type Own = choose.Function

// TaskInputs is what a step of pretraining has for a task.
type TaskInputs = own.TaskInputs

// Functions of one's own.
var (
	PairLoss = choose.PairLoss // (func(first, second, target *Node) *Node): embeddings [B,D] twice and labels [B] to a scalar
	Pooling  = choose.Pooling  // (func(states, mask *Node) *Node): last layer [B,S,H] and real positions [B,S] to [B,H]
	Task     = choose.Task     // (weight, func(TaskInputs) *Node): to a scalar
)
