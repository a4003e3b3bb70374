// SPDX-License-Identifier: Apache-2.0

// Package study plans a grid of recipes × seeds. A study is data: cells, each a few settings over a base recipe, and seeds. It
// expands to a graph of tasks (Plan):
//
//	corpus → pretrain → finetune → embed → ensemble
//
// A task's key is a hash of all that decides its result: the recipe's sections that it reads, the corpus's contents, the backend,
// the number of what is computed (package arithmetic), the keys of the tasks that it needs. Its directory is RUNS/study/KIND-KEY/,
// so cells and studies that have a task in common share it, and no task is done twice:
//
//	task.json     what the key is the hash of
//	result.json   what it found
//	vsim.json     lists the files; the task is done where they are as it says (package manifest)
//	failed.json   in one line why it failed the last time; another run tries again
//	run/          of pretrain and finetune: the run directory
//	corpus/       of corpus: the generated corpus
//	embeddings.safetensors
//
// Package study/work runs the tasks, study/score scores what they embedded, and study/table makes the table of a study from the
// results of its tasks. Claims compares the table with the effects that were published.
package study
