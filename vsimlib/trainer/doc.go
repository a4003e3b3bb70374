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
//
// A step is one program, on one device or partitioned over several (Options.Devices); or, where the recipe says accumulate, a
// program that runs once a micro-batch, and one that makes the update. Neither changes a step's examples, its line or when it is
// saved, and a run may go on on another number of devices; what is said above of bitwise equal weights holds for one device.
package trainer
