// SPDX-License-Identifier: Apache-2.0

package score

import (
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/ensemble"
	"vsim/vsimlib/evaluate"
)

// Joiner computes the pairs' cosines of joint embeddings, of one subset of the members after the other.
type Joiner struct {
	members *ensemble.Members
	named   *ensemble.Selection // the videos that pairs name
	ids     []int64             // of these
	rows    *evaluate.Rows      // the pairs, as rows of these
}

// Joiner computes what all subsets of the members share.
func (m *Members) Joiner() (*Joiner, error) {
	first := m.sets[0]
	all, err := evaluate.Locate(first, m.pairs)
	if err != nil {
		return nil, err
	}
	j := &Joiner{rows: &evaluate.Rows{}}
	at := make([]int, len(first.IDs)) // 1 more than a video's row among the named ones; 0: it is not named
	var named []int
	compact := func(rows []int) []int {
		out := make([]int, len(rows))
		for i, row := range rows {
			if at[row] == 0 {
				named, j.ids = append(named, row), append(j.ids, first.IDs[row])
				at[row] = len(named)
			}
			out[i] = at[row] - 1
		}
		return out
	}
	j.rows.First, j.rows.Second = compact(all.First), compact(all.Second)
	if j.members, err = ensemble.NewMembers(m.sets); err != nil {
		return nil, err
	}
	j.named = j.members.Select(named)
	return j, nil
}

// SVD returns the pairs' cosines of the joint embeddings of some members (E9, E10), at each of the widths, which are in falling
// order. The columns are in falling order of their singular values, so the first ones are the joint embedding of less width. The
// memory of buffer is used if it suffices, and returned. A Joiner is safe for concurrent use, with a buffer for each.
func (j *Joiner) SVD(indices, widths []int, buffer []float32) (cosines [][]float64, memory []float32, err error) {
	joint, err := j.members.Join(indices, nil, widths[0])
	if err != nil {
		return nil, buffer, err
	}
	buffer = j.named.Project(joint, buffer)
	cosines, err = j.rows.Cosines(&embeddings.Set{IDs: j.ids, Dim: joint.Dim, Data: buffer}, widths...)
	return cosines, buffer, err
}
