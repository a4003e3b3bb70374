// SPDX-License-Identifier: Apache-2.0

// Package trainer runs the two stages of training, Pretrain and Finetune, in a run directory (package run).
//
// A run may be stopped at any moment, by a signal or by kill -9, and started again with the same options. On a CPU it then ends
// with bitwise the same weights as an undisturbed run, because every draw (order, masks, dropout) is a function of (seed, step)
// and a checkpoint holds the rest: weights, moments, step. What happens at a state of k finished steps, in this order:
//
//	checkpoint, where one is due → validation, where one is due → training step k+1
//
// so a run that continues from the checkpoint of step k repeats its validation and cuts metrics.jsonl back to that moment.
package trainer
