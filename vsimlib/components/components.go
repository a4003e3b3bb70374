// SPDX-License-Identifier: Apache-2.0

// Package components finds the connected components of a graph of ids, such as videos that pairs of similarity connect.
package components

// Graph is an undirected graph, by its components (union-find). A component goes by its smallest id.
type Graph struct {
	parent map[int64]int64
	size   map[int64]Size // of the components, by their roots
}

// Size is the number of ids and edges of a component.
type Size struct{ Nodes, Edges int }

// New returns a graph without nodes.
func New() *Graph { return &Graph{parent: map[int64]int64{}, size: map[int64]Size{}} }

// Join adds an edge, from an id to itself too, and joins the components of its ends.
func (g *Graph) Join(a, b int64) {
	a, b = g.Root(a), g.Root(b)
	root, other := min(a, b), max(a, b)
	size := g.size[root]
	if root != other {
		size.Nodes += g.size[other].Nodes
		size.Edges += g.size[other].Edges
		g.parent[other] = root
		delete(g.size, other)
	}
	size.Edges++
	g.size[root] = size
}

// Root returns the smallest id of id's component; an unknown id becomes a component of its own.
func (g *Graph) Root(id int64) int64 {
	if _, ok := g.parent[id]; !ok {
		g.parent[id], g.size[id] = id, Size{Nodes: 1}
	}
	for g.parent[id] != id {
		g.parent[id] = g.parent[g.parent[id]] // halves the path
		id = g.parent[id]
	}
	return id
}

// Nodes returns the number of ids.
func (g *Graph) Nodes() int { return len(g.parent) }

// Count returns the number of components.
func (g *Graph) Count() int { return len(g.size) }

// Largest returns the component with the most edges, by its smallest id; of equal ones that with the smallest id. Without nodes the
// id is -1.
func (g *Graph) Largest() (root int64, size Size) {
	root = -1
	for id, s := range g.size {
		if root < 0 || s.Edges > size.Edges || s.Edges == size.Edges && id < root {
			root, size = id, s
		}
	}
	return root, size
}
