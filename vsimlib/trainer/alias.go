// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"reflect"

	"github.com/gomlx/go-xla/stablehlo"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// updateInPlace lets XLA write each updated variable where the old one lay. GoMLX donates the old buffers, but its programs do
// not say which output may take which input's place (jax's tf.aliasing_output), so XLA would hold weights and moments twice and
// ask the system for that memory anew at every step.
//
// model.Exec returns the changed variables first, in the store's order. Where a parameter is not go-xla's (the Go backend), or
// where a later go-xla keeps it otherwise, nothing is done: the result is the same, only slower.
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

// stableHLO returns the program's value behind a node, nil where there is none. Neither GoMLX's Node nor go-xla's gives it away.
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
