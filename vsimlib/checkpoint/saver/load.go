// SPDX-License-Identifier: Apache-2.0

package saver

import (
	"fmt"

	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/optim"
)

// Load sets weights, moments and averages from a checkpoint to continue from, one group in memory at a time.
func Load(store *model.Store, found *checkpoint.Loaded) error {
	if err := LoadWeights(store, found); err != nil {
		return err
	}
	groups := []string{"moments1", "moments2"}
	if found.Has(averages) {
		groups = append(groups, averages)
	}
	count := -1
	for _, group := range groups {
		list, err := found.Group(group)
		if err != nil {
			return err
		}
		if count >= 0 && len(list) != count {
			return fmt.Errorf("%s: %d in %s, %d in %s", found.Path, count, groups[0], len(list), group)
		}
		count = len(list)
		// Weight by weight, as the optimiser makes them: the program that XLA compiles depends on their order.
		for _, t := range list {
			if err := optim.SetMoments(store, t.Name, found.Has(averages)); err != nil {
				return err
			}
		}
		if err := checkpoint.RestoreMoments(store, scopes[group], list); err != nil {
			return err
		}
	}
	return nil
}

// LoadWeights sets the weights from a checkpoint.
func LoadWeights(store *model.Store, found *checkpoint.Loaded) error {
	list, err := found.Group(weights)
	if err != nil {
		return err
	}
	return checkpoint.Restore(store, checkpoint.Root, list)
}
