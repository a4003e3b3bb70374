// SPDX-License-Identifier: Apache-2.0

// Package inspect opens what training works on, for those who want to see it: one record from its bytes to its row of a batch, one
// minibatch with what it hides, the model's parts and shapes, and where it attends. All of it comes as plain values that a table, a
// figure and a results file take, made by the very functions that training calls.
package inspect
