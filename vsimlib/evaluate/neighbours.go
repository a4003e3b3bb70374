// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"vsim/vsimlib/embeddings"
)

// Neighbour is an embedding near another one.
type Neighbour struct {
	ID     int64
	Cosine float64
}

// Nearest returns the n other embeddings with the highest cosine to that of id, in descending order; equal ones are in the order
// of their ids.
func Nearest(set *embeddings.Set, id int64, n int) ([]Neighbour, error) {
	rows, err := set.Index()
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	row, ok := rows[id]
	if !ok {
		return nil, fmt.Errorf("evaluate: id %d is not among the embeddings", id)
	}
	var list []Neighbour
	for i, other := range set.IDs {
		if other != id {
			list = append(list, Neighbour{other, Cosine(set.Row(row), set.Row(i))})
		}
	}
	slices.SortFunc(list, func(a, b Neighbour) int {
		return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.ID, b.ID))
	})
	return list[:min(n, len(list))], nil
}

// Cosine is the cosine of two vectors of the same length, in float64; NaN if one of them has no direction.
func Cosine(a, b []float32) float64 {
	return dot(a, b) / math.Sqrt(dot(a, a)*dot(b, b))
}
