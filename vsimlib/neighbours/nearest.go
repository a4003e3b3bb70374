// SPDX-License-Identifier: Apache-2.0

package neighbours

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
)

// Nearest finds the k nearest others of each of these ids, in their order; without ids, those of all embeddings in the order of the
// file. k above the number of others finds all of them. The last pair of the sequence has the error, if there is one.
func (x *Index) Nearest(ctx context.Context, k int, ids ...int64) iter.Seq2[Query, error] {
	queries, err := x.rows(ids)
	if err == nil && k < 1 {
		err = fmt.Errorf("neighbours: %d neighbours asked for, want 1 or more", k)
	}
	if err != nil {
		return func(yield func(Query, error) bool) { yield(Query{}, err) }
	}
	k = min(k, max(1, x.Len()-1))
	return each(ctx, blocks(len(queries), x.height), x.newScratch, func(ctx context.Context, s *scratch, b block) ([]Query, error) {
		rows := queries[b.from:b.to]
		best := make([]list, len(rows))
		err := s.products(ctx, rows, x.order, func(i int, others []int32, cosines []float64) {
			best[i].add(x, k, rows[i], others, cosines)
		})
		found := make([]Query, len(rows))
		for i, row := range rows {
			found[i] = Query{ID: x.id(row), Nearest: best[i].cut(k)}
		}
		return found, err
	})
}

// list collects the nearest of one query: the k best so far, and some more that it has not sorted yet.
type list struct {
	found []Neighbour
	floor float64 // a cosine below it is not among the k best
	full  bool    // floor holds
}

// add adds others than the query's own row.
func (l *list) add(x *Index, k int, own int32, others []int32, cosines []float64) {
	for j, cosine := range cosines {
		if l.full && cosine < l.floor-precision || others[j] == own {
			continue
		}
		l.found = append(l.found, Neighbour{x.id(others[j]), round(cosine)})
		if len(l.found) >= 2*k+64 {
			l.cut(k)
			l.floor, l.full = l.found[k-1].Cosine, true
		}
	}
}

// cut sorts the list, leaves the k best, and returns them.
func (l *list) cut(k int) []Neighbour {
	slices.SortFunc(l.found, func(a, b Neighbour) int {
		return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.ID, b.ID))
	})
	l.found = slices.Clip(l.found[:min(k, len(l.found))])
	return l.found
}
