// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"encoding/hex"
	"strings"
)

// A setting that names a loss, a task or a pooling can also name a function of a user's: "own:" and the number of the graph that it
// builds (see package own). Only a process that has the function can compute with it.
const (
	ownPrefix = "own:"
	ownDigits = 16
)

// Own returns the name of the function with that number, as settings have it.
func Own(number string) string { return ownPrefix + number }

// IsOwn reports whether a setting names a function of a user's.
func IsOwn(value string) bool {
	digits, is := strings.CutPrefix(value, ownPrefix)
	_, err := hex.DecodeString(digits)
	return is && err == nil && len(digits) == ownDigits && strings.ToLower(digits) == digits
}

// choice accepts one of the known values, or a function of a user's.
func (f *faults) choice(name, v string, known ...string) {
	if !IsOwn(v) {
		f.oneOf(name, v, known...)
	}
}

// ownTask checks a task of a user's, which reads all positions of each video in a row of their own.
func (p Pretrain) ownTask(f *faults, packs bool) {
	f.number("weight_own", p.WeightOwn, 0, maxWeight)
	switch {
	case p.OwnTask != "" && !IsOwn(p.OwnTask):
		f.add("own_task", "%q is not \"own:\" and %d hexadecimal digits", p.OwnTask, ownDigits)
	case p.WeightOwn == 0:
	case p.OwnTask == "":
		f.add("weight_own", "%g, but own_task names no function", p.WeightOwn)
	case p.Accumulate > 1:
		f.add("accumulate", "%d, but the loss of own_task is over a whole batch; set 0", p.Accumulate)
	case packs:
		f.add("own_task", "reads all positions, but pooling leaves padding out; set model.keep_padding=true")
	}
}
