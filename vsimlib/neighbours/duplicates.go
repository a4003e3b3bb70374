// SPDX-License-Identifier: Apache-2.0

package neighbours

import (
	"context"
	"iter"
)

// Duplicates finds the pairs of embeddings with a cosine of at least a threshold, by ascending ids of the first and then of the
// second. The last pair of the sequence has the error, if there is one.
func (x *Index) Duplicates(ctx context.Context, threshold float64) iter.Seq2[Pair, error] {
	return each(ctx, blocks(x.Len(), x.height), x.newScratch, func(ctx context.Context, s *scratch, b block) ([]Pair, error) {
		pairs := make([][]Pair, b.to-b.from) // by the first
		err := s.products(ctx, x.order[b.from:b.to], x.order[b.from:], func(i int, others []int32, cosines []float64) {
			first := x.id(x.order[b.from+i])
			for j, cosine := range cosines {
				if cosine < threshold-precision || x.id(others[j]) <= first {
					continue
				}
				if cosine = round(cosine); cosine >= threshold {
					pairs[i] = append(pairs[i], Pair{first, x.id(others[j]), cosine})
				}
			}
		})
		var all []Pair
		for _, list := range pairs {
			all = append(all, list...)
		}
		return all, err
	})
}
