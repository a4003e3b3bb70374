// SPDX-License-Identifier: Apache-2.0

// Package checkpoint saves the state of a training run so that it survives a kill, a full disk and a flipped bit.
//
//	DIR/step-00000120/            a checkpoint: one directory, complete or not there
//	    weights.safetensors       groups of named tensors, as the caller calls them
//	    moments.safetensors
//	    state.json                the caller's own state
//	    manifest.json             size and sha256 of each of these
//	DIR/best-00000100/            a named checkpoint: the weights of the best evaluation, for one
//	DIR/.part-…, DIR/.old-…       unfinished work of a writer; cleared or taken back by the next one
//
// A checkpoint is written into a directory aside, every file synced, then renamed and the parent synced. Latest checks each
// checksum and takes the newest checkpoint that is whole, with one line for every one that it passes over. GoMLX's own
// checkpoints are neither atomic nor recoverable when torn.
//
// One process at a time writes in DIR: the caller holds the run directory's lock. The functions here are not for concurrent
// use within that process.
package checkpoint

import "vsim/vsimlib/safetensors"

// Refs is the part of a caller's state that this package understands. A caller that saves named checkpoints embeds it in its state
// and sets Named to the step of each named checkpoint that this state belongs to, e.g. {"best": 100}: Prune then keeps those as
// long as it keeps this one.
type Refs struct {
	Named map[string]int `json:"named,omitempty"`
}

// Save writes the checkpoint of a step: groups by their file name without suffix (letters, digits and _), and state as JSON.
// An existing checkpoint of that step is replaced, and there at every moment. On an error, a full disk for one, nothing in
// dir has changed, with the exception that Finish names. Begin and Finish do the same in two parts.
func Save(dir string, step int, groups map[string][]safetensors.Tensor, state any) error {
	return write(dir, "", step, groups, state)
}

// write is Save of a checkpoint with a name.
func write(dir, name string, step int, groups map[string][]safetensors.Tensor, state any) error {
	part, err := Begin(dir, name, step, inMemory(groups), state, nil)
	if err != nil {
		return err
	}
	return part.Finish(nil)
}
