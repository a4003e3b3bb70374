// SPDX-License-Identifier: Apache-2.0

// Package owntest has functions as users write them, for tests.
package owntest

import (
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/own"
)

// Scaled is CoSENT (E14) with a scale.
func Scaled(scale float64) own.PairLoss {
	return func(first, second, target *Node) *Node {
		s := MulScalar(ReduceSum(Mul(first, second), -1), scale)
		difference := Sub(InsertAxes(s, 0), InsertAxes(s, 1))
		wrong := Where(GreaterThan(InsertAxes(target, 1), InsertAxes(target, 0)), Exp(difference), ZerosLike(difference))
		return Log1P(ReduceAllSum(wrong))
	}
}

// CoSENT is the loss as the recipe's finetune.loss=cosent computes it.
func CoSENT(first, second, target *Node) *Node { return Scaled(20)(first, second, target) }

// Renamed is CoSENT under another name.
func Renamed(a, b, y *Node) *Node { return Scaled(20)(a, b, y) }

// Cosines is no loss: it returns the cosines [B].
func Cosines(first, second, _ *Node) *Node { return ReduceSum(Mul(first, second), -1) }

// RealMean is the pooling masked_mean.
func RealMean(states, mask *Node) *Node {
	mask = InsertAxes(mask, -1)
	return Div(ReduceSum(Mul(states, mask), 1), ReduceSum(mask, 1))
}

// TitleLength is a task: the sum of the embedding is the logarithm of the number of tokens.
func TitleLength(in own.TaskInputs) *Node {
	length := ReduceSum(ConvertDType(in.TextMask, in.Embedding.DType()), -1)
	return ReduceAllMean(Square(Sub(ReduceSum(in.Embedding, -1), Log(length))))
}

// Embedding is no task: it returns the embedding [B,D].
func Embedding(in own.TaskInputs) *Node { return in.Embedding }
