// SPDX-License-Identifier: Apache-2.0

// Package trainer runs the two stages of training, Pretrain and Finetune, in a run directory (package run).
//
// A run may be stopped at any moment, by a signal or by kill -9, and started again with the same options. On a CPU it then ends
// with bitwise the same weights as an undisturbed run, because every draw (order, masks, dropout) is a function of (seed, step) and
// a checkpoint has the rest: weights, moments, averages, step. After each step, and where a run continues, it does in this order:
//
//	checkpoint, where one is due → validation, where one is due → the next training step
//
// so a run that continues from the checkpoint of step k repeats its validation and cuts metrics.jsonl back to that moment.
//
// A step is made by package step, on one device or several (Options.Devices), on a whole batch or in micro-batches. Neither changes
// a step's examples, its line in metrics.jsonl or when it is saved, and a run may continue on another number of devices; bitwise
// equal weights are a promise for one device.
package trainer
