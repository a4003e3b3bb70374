// SPDX-License-Identifier: Apache-2.0

package inference

import (
	"math"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/own"
	"vsim/vsimlib/recipe"
)

// TestOwnPooling: a model with a pooling of the user's is embedded by a process that has the function, as one with a built-in
// pooling of the same formula is; any other process refuses it by name.
func TestOwnPooling(t *testing.T) {
	name, err := own.RegisterPooling(func(states, _ *Node) *Node { return ReduceMean(states, 1) })
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := embedAll(t, Options{Model: modelOf(t, func(c *recipe.Model) { c.Pooling = name }), Records: []string{records}})
	if err != nil {
		t.Fatal(err)
	}
	meanModel := modelOf(t, func(c *recipe.Model) { c.Pooling = recipe.Mean })
	want, _, err := embedAll(t, Options{Model: meanModel, Records: []string{records}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Data {
		if d := math.Abs(float64(got.Data[i] - want.Data[i])); d > 1e-6 {
			t.Fatalf("value %d is %g, of pooling mean %g", i, got.Data[i], want.Data[i])
		}
	}
	unknown := recipe.Own("00000000000000aa")
	dir := modelOf(t, func(c *recipe.Model) { c.Pooling = unknown })
	_, _, err = embedAll(t, Options{Model: dir, Records: []string{records}})
	if err == nil || !strings.Contains(err.Error(), dir+": model.pooling="+unknown+": this process has no such function") ||
		!strings.Contains(err.Error(), "nb.Pooling") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}
