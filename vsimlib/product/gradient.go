// SPDX-License-Identifier: Apache-2.0

package product

import (
	"reflect"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// setGradient makes rule the gradient of node by its inputs, given the gradient v by its result.
//
// GoMLX has such a field in every node, but sets it only for identities (IdentityWithCustomGradient), which have one input.
// This file is the only one of the package that writes a private field. It would be superfluous if Dot had an option for the
// type in which its gradient is computed. Where a later GoMLX has moved the field, nothing happens: the gradient is GoMLX's
// own, in float32, and slower. TestOf fails then.
func setGradient(node *Node, rule func(node, v *Node) []*Node) {
	field := reflect.ValueOf(node).Elem().FieldByName("customVJP")
	if !field.IsValid() || field.Type() != reflect.TypeFor[VJP]() {
		return
	}
	*(*VJP)(field.Addr().UnsafePointer()) = func(node *Node, vs []*Node, _ shapes.Shape) []*Node { return rule(node, vs[0]) }
}
