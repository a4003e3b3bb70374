// SPDX-License-Identifier: Apache-2.0

package optim

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// sums is the scope of the gradients that Accumulate has added up; below it a sum has its weight's name. Between two steps they
// are all zero, so no checkpoint holds them.
const sums = "/adamw_g"

// Accumulate adds the gradients of loss, which is a micro-batch's part of a step's loss, to the sums that UpdateAccumulated makes
// the step from. It touches the weights that Update would.
func (c Config) Accumulate(store *model.Store, names []string, loss *Node) {
	used, grads := gradients(store, names, loss)
	// Moments come before sums in the store, as they do when a run goes on: the program that XLA compiles depends on their order.
	for _, v := range used {
		moments(store, v, c.Average != 0)
	}
	for i, v := range used {
		sum := moment(store, sums, v)
		sum.SetNodeValue(Add(sum.NodeValue(loss), grads[i]))
	}
}

// UpdateAccumulated is Update with the gradients that Accumulate has added up, which are zero again after it, also where it changes
// nothing else because they or loss, the step's whole loss, are not finite.
func (c Config) UpdateAccumulated(store *model.Store, names []string, loss, rates *Node) (squares *Node) {
	var used []*model.Variable
	var grads []*Node
	for _, name := range slices.Sorted(slices.Values(names)) {
		if sum := store.GetVariable(sums + model.ScopeSeparator + name); sum != nil {
			used, grads = append(used, store.GetVariable(model.ScopeSeparator+name)), append(grads, sum.NodeValue(loss))
		}
	}
	squares = c.update(store, used, grads, loss, rates)
	for i, v := range used {
		moment(store, sums, v).SetNodeValue(ZerosLike(grads[i]))
	}
	return squares
}
