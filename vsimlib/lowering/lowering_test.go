// SPDX-License-Identifier: Apache-2.0

package lowering

import (
	"errors"
	"strings"
	"testing"

	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/gomlx/core/graph"
)

// lower lowers a graph of one input.
func lower(t *testing.T, do func(x *graph.Node) *graph.Node) string {
	t.Helper()
	backend, err := New("cpu")
	if errors.Is(err, ErrNoXLA) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	exec, err := graph.NewExec(backend, do)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	if _, err := exec.Call([]float32{1, 2}); !errors.Is(err, ErrLowered) {
		t.Fatalf("%v, want %v", err, ErrLowered)
	}
	list := backend.Programs()
	if len(list) != 1 {
		t.Fatalf("%d programs, want 1", len(list))
	}
	return string(list[0])
}

// TestLower needs no plugin. It holds the reach into private fields of go-xla.
func TestLower(t *testing.T) {
	text := lower(t, func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 3) })
	if !strings.Contains(text, "stablehlo.multiply") || !strings.Contains(text, "tensor<2xf32>") {
		t.Errorf("the program is\n%s: see the comments at Text and unplugged", text)
	}
	if again := lower(t, func(x *graph.Node) *graph.Node { y := x; return graph.MulScalar(y, 3) }); again != text {
		t.Errorf("another name of a variable: \n%s, want\n%s", again, text)
	}
	for name, do := range map[string]func(x *graph.Node) *graph.Node{
		"another constant":  func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 4) },
		"another operation": func(x *graph.Node) *graph.Node { return graph.AddScalar(x, 3) },
		"another order":     func(x *graph.Node) *graph.Node { return graph.Mul(graph.Scalar(x.Graph(), x.DType(), 3), x) },
	} {
		if lower(t, do) == text {
			t.Errorf("%s: the same program", name)
		}
	}
}

// TestNormal: names have no part in a program.
func TestNormal(t *testing.T) {
	a := "{ func.func @main(%rates: f32) { %0 = \"stablehlo.negate\"(%rates) ; \"stablehlo.return\"(%0) } }"
	b := "{ func.func @main(%speed: f32) { %7 = \"stablehlo.negate\"(%speed) ; \"stablehlo.return\"(%7) } }"
	c := "{ func.func @main(%speed: f32) { %7 = \"stablehlo.negate\"(%speed) ; \"stablehlo.return\"(%speed) } }"
	if string(Normal([]byte(a))) != string(Normal([]byte(b))) {
		t.Errorf("%s differs from %s", Normal([]byte(a)), Normal([]byte(b)))
	}
	if string(Normal([]byte(b))) == string(Normal([]byte(c))) {
		t.Errorf("%s is %s", b, c)
	}
}

// TestTextOfOthers: what is no builder of go-xla has no text.
func TestTextOfOthers(t *testing.T) {
	for _, other := range []any{nil, 1, new(int), &struct{ builder int }{}, &struct{ builder *stablehlo.Builder }{}} {
		if text, err := programText(other); text != nil || err != nil {
			t.Errorf("%T: %q, %v", other, text, err)
		}
	}
}
