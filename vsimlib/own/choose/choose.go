// SPDX-License-Identifier: Apache-2.0

// Package choose has the options by which a notebook's cell trains with functions of its own: package nb has them under the same
// names. An option of a cell of a study is also one of a training.
package choose

import (
	"fmt"
	"strconv"

	"vsim/vsimlib/own"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/study"
)

// Function is a function of the user's as an option: the settings that name it, or why it cannot be used.
type Function struct {
	settings []string
	err      error
}

// PairLoss finetunes with a loss of the user's.
func PairLoss(f own.PairLoss) Function {
	name, err := own.RegisterPairLoss(f)
	return Function{[]string{"finetune.loss=" + name}, err}
}

// Pooling makes embeddings with a pooling of the user's.
func Pooling(f own.Pooling) Function {
	name, err := own.RegisterPooling(f)
	return Function{[]string{"model.pooling=" + name}, err}
}

// Task pretrains on a task of the user's too, with this weight in the sum of the losses. The padding is computed, for the task
// reads each video's positions in a row of their own.
func Task(weight float64, f own.Task) Function {
	name, err := own.RegisterTask(f)
	return Function{[]string{"pretrain.own_task=" + name, "pretrain.weight_own=" + strconv.FormatFloat(weight, 'g', -1, 64),
		"model.keep_padding=true"}, err}
}

// Change has a cell of a study use the function.
func (f Function) Change(c *study.Cell) error {
	if f.err != nil {
		return f.err
	}
	c.Set = append(c.Set, f.settings...)
	return nil
}

// Apply returns a recipe that uses the functions, and the settings that name them.
func Apply(r recipe.Recipe, functions ...Function) (recipe.Recipe, []string, error) {
	var all []string
	r = r.Clone()
	for _, f := range functions {
		if f.err != nil {
			return r, nil, f.err
		}
		for _, set := range f.settings {
			if err := r.Set(set); err != nil {
				return r, nil, fmt.Errorf("a function of one's own: %w", err)
			}
		}
		all = append(all, f.settings...)
	}
	return r, all, nil
}
