// SPDX-License-Identifier: Apache-2.0

package neighbours

import (
	"context"
	"math"

	"vsim/vsimlib/dense"
)

// scratch is the memory of one worker.
type scratch struct {
	*Index
	queries, others []float64 // unit vectors of a block, [height,D] and [width,D]
	panels          *dense.Panels[float64]
	cosines         []float64 // [height,width]
}

func (x *Index) newScratch() *scratch {
	return &scratch{Index: x, queries: make([]float64, x.height*x.set.Dim), others: make([]float64, x.width*x.set.Dim),
		cosines: make([]float64, x.height*x.width)}
}

// products computes the cosines of at most height rows and all others, and calls found for each row and each block of others.
func (s *scratch) products(ctx context.Context, rows, others []int32, found func(i int, others []int32, cosines []float64)) error {
	d := s.set.Dim
	s.units(s.queries, rows)
	for _, b := range blocks(len(others), s.width) {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := others[b.from:b.to]
		s.units(s.others, part)
		s.panels = dense.PackTransposed(s.panels, s.others, d, d, len(part))
		cosines := s.cosines[:len(rows)*len(part)]
		clear(cosines)
		dense.Add(cosines, len(part), s.queries, d, len(rows), s.panels)
		for i := range rows {
			found(i, part, cosines[i*len(part):][:len(part)])
		}
	}
	return nil
}

// units writes the embeddings of rows into out, scaled to length one in float64.
func (s *scratch) units(out []float64, rows []int32) {
	d := s.set.Dim
	for i, row := range rows {
		unit, sum := out[i*d:][:d], 0.
		for j, v := range s.set.Row(int(row)) {
			unit[j] = float64(v)
			sum += unit[j] * unit[j]
		}
		norm := math.Sqrt(sum)
		for j := range unit {
			unit[j] /= norm
		}
	}
}
