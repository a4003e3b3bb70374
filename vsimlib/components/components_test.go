// SPDX-License-Identifier: Apache-2.0

package components

import (
	"math/rand/v2"
	"testing"
)

func TestGraph(t *testing.T) {
	g := New()
	if root, size := g.Largest(); root != -1 || size != (Size{}) || g.Nodes() != 0 || g.Count() != 0 {
		t.Errorf("an empty graph has %d, %+v, %d nodes, %d components", root, size, g.Nodes(), g.Count())
	}
	for _, edge := range [][2]int64{{5, 9}, {7, 7}, {3, 4}, {9, 8}, {4, 3}, {1, 2}} {
		g.Join(edge[0], edge[1])
	}
	if root, size := g.Largest(); root != 3 || size != (Size{2, 2}) { // 3-4 twice, and 5-9-8 with two edges too: the smaller id
		t.Errorf("the largest is %d, %+v", root, size)
	}
	if g.Nodes() != 8 || g.Count() != 4 || g.Root(8) != 5 || g.Root(7) != 7 {
		t.Errorf("%d nodes, %d components, roots %d and %d", g.Nodes(), g.Count(), g.Root(8), g.Root(7))
	}
	g.Join(8, 2)
	if root, size := g.Largest(); root != 1 || size != (Size{5, 4}) || g.Root(9) != 1 {
		t.Errorf("the largest is %d, %+v", root, size)
	}
}

// TestGraphByFlood compares with components found by repeated sweeps over the edges.
func TestGraphByFlood(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		g, label := New(), map[int64]int64{}
		var edges [][2]int64
		for range 60 {
			a, b := random.Int64N(90), random.Int64N(90)
			edges = append(edges, [2]int64{a, b})
			label[a], label[b] = a, b
			g.Join(a, b)
		}
		for changed := true; changed; {
			changed = false
			for _, e := range edges {
				low := min(label[e[0]], label[e[1]])
				if label[e[0]] != low || label[e[1]] != low {
					label[e[0]], label[e[1]], changed = low, low, true
				}
			}
		}
		sizes := map[int64]Size{}
		for id, root := range label {
			if g.Root(id) != root {
				t.Fatalf("the root of %d is %d, want %d", id, g.Root(id), root)
			}
			s := sizes[root]
			s.Nodes++
			sizes[root] = s
		}
		for _, e := range edges {
			s := sizes[label[e[0]]]
			s.Edges++
			sizes[label[e[0]]] = s
		}
		root, size := g.Largest()
		if sizes[root] != size || g.Count() != len(sizes) || g.Nodes() != len(label) {
			t.Fatalf("largest %d %+v, %d components, %d nodes; want %+v, %d, %d", root, size, g.Count(), g.Nodes(), sizes[root],
				len(sizes), len(label))
		}
		for id, s := range sizes {
			if s.Edges > size.Edges || s.Edges == size.Edges && id < root {
				t.Fatalf("%d with %+v is larger than %d with %+v", id, s, root, size)
			}
		}
	}
}
