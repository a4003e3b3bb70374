// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"testing"
	"time"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// TestGoBackendEnds runs a graph with many independent products, the case in which the Go backend's workers can wait for
// each other for ever when operations run side by side.
func TestGoBackendEnds(t *testing.T) {
	backend, err := OpenGo()
	if err != nil {
		t.Fatal(err)
	}
	exec, err := graph.NewExec(backend, func(g *graph.Graph) *graph.Node {
		x := graph.IotaFull(g, shapes.Make(dtypes.Float32, 8, 32, 32))
		var sum *graph.Node
		for i := range 24 {
			y := graph.AddScalar(x, float64(i))
			y = graph.ReduceAllSum(graph.MatMul(y, y))
			if sum == nil {
				sum = y
			} else {
				sum = graph.Add(sum, y)
			}
		}
		return sum
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		for range 100 {
			if _, err := exec.Call(); err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("the Go backend's workers wait for each other")
	}
}

func TestOneOperationAtATime(t *testing.T) {
	for config, want := range map[string]string{
		"go": "go:ops_sequential", "go:parallelism=1": "go:parallelism=1,ops_sequential", "go:ops_parallel": "go:ops_parallel",
		"xla:cpu": "xla:cpu",
	} {
		if got := oneOperationAtATime(config); got != want {
			t.Errorf("%s becomes %s, want %s", config, got, want)
		}
	}
}
