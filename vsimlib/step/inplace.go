// SPDX-License-Identifier: Apache-2.0

package step

import (
	"reflect"

	"github.com/gomlx/go-xla/stablehlo"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// updateInPlace lets XLA write each updated variable into the memory of the old one. GoMLX donates the old buffers, but its
// programs do not say which output may replace which input (jax's tf.aliasing_output), so XLA would hold weights and moments
// twice and request that memory from the system again at every step.
//
// model.Exec returns the changed variables first, in the store's order. Where a parameter does not belong to go-xla (the Go
// backend), or where a later go-xla stores it elsewhere, nothing happens: the result is the same, only slower.
//
// This file is the only one of the package that reads private fields of GoMLX and go-xla. It would be superfluous if model.Exec set
// the attribute for the buffers that it donates, or if a graph's node gave access to the parameter of its backend
// (compute.Value → *stablehlo.Value). TestUpdateInPlace fails on a version of either that moves the fields.
func updateInPlace(store *model.Store, g *Graph) {
	output := int32(0)
	for v := range store.IterVariables() {
		if !v.ChangedInGraph(g) {
			continue
		}
		if value := stableHLO(g.GetParameterByName(v.Path())); value != nil {
			if value.Attributes == nil {
				value.Attributes = map[string]any{}
			}
			value.Attributes["tf.aliasing_output"] = output
		}
		output++
	}
}

// stableHLO returns the program's value behind a node, nil where there is none: node.outputOps[0].value.
func stableHLO(node *Node) *stablehlo.Value {
	values := field(reflect.ValueOf(node), "outputOps")
	if values.Kind() != reflect.Slice || values.Len() != 1 {
		return nil
	}
	value := field(values.Index(0).Elem(), "value")
	if value.Kind() != reflect.Pointer || value.Type() != reflect.TypeFor[*stablehlo.Value]() {
		return nil
	}
	return (*stablehlo.Value)(value.UnsafePointer())
}

// field returns the field of the struct that pointer points to, the zero Value where there is none.
func field(pointer reflect.Value, name string) reflect.Value {
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() || pointer.Elem().Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return pointer.Elem().FieldByName(name)
}
