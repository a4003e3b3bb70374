// SPDX-License-Identifier: Apache-2.0

// Package step is one training step as compiled programs: the losses of a batch, their gradients and AdamW's update, on one device
// or several. Training runs it in a loop, package bench times it.
//
// A step is one program on one batch; or, where the recipe accumulates gradients, a program that runs on each micro-batch and one
// that makes the update. On a GPU a Sequence sends the next step while one runs. Arrays have names on the host and in the programs
// (batch.Field), in one order.
//
// The programs that XLA compiles depend on the order in which weights, moments and sums enter the store, and rounding depends on
// the programs: a change of order changes trained weights.
package step
