// SPDX-License-Identifier: Apache-2.0

package bert

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/recipe"
)

func TestWeightMissing(t *testing.T) {
	_, err := ExecOnceN(backendstest.Backend(t), func(x *Node) []*Node {
		return []*Node{New(model.NewStore(), x.Graph(), recipe.Model{}, nil).Weight("bert.none")}
	}, float32(1))
	if err == nil {
		t.Fatal("no error for a weight that is not there")
	}
}
