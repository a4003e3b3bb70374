// SPDX-License-Identifier: Apache-2.0

package inference

import (
	"slices"

	"vsim/vsimlib/embeddings"
)

// share is the records of a shard among n, by index: every of-th run of size records, from run index-1 on; of 0 is all of them.
func share(n, size, index, of int) []int {
	var mine []int
	for record := range n {
		if of == 0 || record/size%of == index-1 {
			mine = append(mine, record)
		}
	}
	return mine
}

// rows are the embeddings of some records, in the records' order, whatever the order in which they are computed.
type rows struct {
	records []int // ascending
	set     embeddings.Set
}

// newRows makes room for records, which must ascend.
func newRows(records []int, dim int, id func(record int) int64) *rows {
	r := &rows{records: records}
	r.set = embeddings.Set{IDs: make([]int64, len(r.records)), Dim: dim, Data: make([]float32, len(r.records)*dim)}
	for row, record := range r.records {
		r.set.IDs[row] = id(record)
	}
	return r
}

// put copies the embeddings of a batch to their rows.
func (r *rows) put(batch []int, values []float32) {
	dim := r.set.Dim
	for k, record := range batch {
		row, _ := slices.BinarySearch(r.records, record)
		copy(r.set.Row(row), values[k*dim:(k+1)*dim])
	}
}
