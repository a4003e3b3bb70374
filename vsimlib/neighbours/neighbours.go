// SPDX-License-Identifier: Apache-2.0

// Package neighbours finds the nearest neighbours of embeddings and near-duplicates among them: exactly, by the cosines of all
// pairs in float64, block by block on all cores. Besides the embeddings, only a few blocks and what is found in them are in memory.
package neighbours

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"vsim/vsimlib/embeddings"
)

// precision is that of the cosines, which are rounded to multiples of it: that of equal embeddings is 1, and those that would
// differ by the order in which a processor adds are equal.
const precision = 1 / perOne

const perOne = 1e12

// Neighbour is an embedding near another one.
type Neighbour struct {
	ID     int64   `json:"id"`
	Cosine float64 `json:"cosine"`
}

// Query is an embedding with those that are nearest to it: by descending cosine, equal ones by ascending id.
type Query struct {
	ID      int64       `json:"id"`
	Nearest []Neighbour `json:"nearest"`
}

// Pair is two embeddings that are near each other, with A below B.
type Pair struct {
	A      int64   `json:"id1"`
	B      int64   `json:"id2"`
	Cosine float64 `json:"cosine"`
}

// Index is embeddings that can be searched.
type Index struct {
	set   *embeddings.Set
	order []int32 // rows by ascending id
	// blocks of the products: queries and the embeddings that they are compared with; tests make them small
	height, width int
}

// New returns an index of embeddings [N,D]. An id that appears twice is an error, and so is an embedding of zeros, which has no
// direction.
func New(set *embeddings.Set) (*Index, error) {
	x := &Index{set: set, order: make([]int32, set.Len()), height: 256, width: 512}
	for i := range x.order {
		x.order[i] = int32(i)
	}
	slices.SortFunc(x.order, func(a, b int32) int { return cmp.Or(cmp.Compare(x.id(a), x.id(b)), cmp.Compare(a, b)) })
	for i, row := range x.order {
		if i > 0 && x.id(x.order[i-1]) == x.id(row) {
			return nil, fmt.Errorf("neighbours: id %d appears twice, in rows %d and %d", x.id(row), x.order[i-1], row)
		}
	}
	for i := range set.IDs {
		if !slices.ContainsFunc(set.Row(i), func(v float32) bool { return v != 0 }) {
			return nil, fmt.Errorf("neighbours: id %d (row %d): is all zeros, so it has no cosine", set.IDs[i], i)
		}
	}
	return x, nil
}

// Len is the number of embeddings.
func (x *Index) Len() int { return len(x.order) }

func (x *Index) id(row int32) int64 { return x.set.IDs[row] }

// rows are the rows of ids, or all in the order of the file where none is given.
func (x *Index) rows(ids []int64) ([]int32, error) {
	var rows []int32
	if len(ids) == 0 {
		for i := range x.order {
			rows = append(rows, int32(i))
		}
		return rows, nil
	}
	for _, id := range ids {
		at, found := slices.BinarySearchFunc(x.order, id, func(row int32, id int64) int { return cmp.Compare(x.id(row), id) })
		if !found {
			return nil, fmt.Errorf("neighbours: id %d is not among the %d embeddings", id, x.Len())
		}
		rows = append(rows, x.order[at])
	}
	return rows, nil
}

// round rounds a cosine to the precision.
func round(cosine float64) float64 { return math.Round(cosine*perOne) / perOne }
