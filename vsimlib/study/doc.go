// SPDX-License-Identifier: Apache-2.0

// Package study runs a grid of recipes × seeds and tables what they score. A study is data: cells, each a few settings over a
// base recipe, and seeds. It expands to a graph of tasks (Plan):
//
//	corpus → pretrain → finetune → embed → ensemble
//
// A task's key is a hash of all that decides its result: the recipe's sections that it reads, the corpus's contents, the keys of
// the tasks that it needs. It lives in RUNS/study/KIND-KEY/, so cells and studies that have a task in common share it, and what
// is done is never done again:
//
//	task.json     what the key is the hash of
//	result.json   what it found; it means that the task is done
//	failed.json   in one line why it failed the last time; another run tries again
//	run/          of pretrain and finetune: the run directory
//	corpus/       of corpus: the generated corpus
//	embeddings.safetensors
//
// Any number of processes may work on one grid (Worker.Run): a task is run under its directory's lock, and who comes second finds
// it done. A process that is killed loses no more than the steps since its last checkpoint. The table (Collect) is made from the
// results of the tasks alone, so it is the same bytes whatever happened on the way.
//
// The work is done in this process (Local) or by a cluster (Slurm), one job a task.
package study
