// SPDX-License-Identifier: Apache-2.0

// Package study plans a grid of recipes × seeds. A study is data: cells, each a few settings over a base recipe, and seeds. It
// expands to a graph of tasks (Plan):
//
//	corpus → pretrain → finetune → embed → ensemble
//
// Cells and studies that have a task in common share it by its key, and no task is done twice.
//
// Package study/task is a task and its directory, study/work runs the tasks, study/score scores what they embedded, and study/table
// makes the table of a study from the results of its tasks. Claims compares the table with the effects that were published.
package study
