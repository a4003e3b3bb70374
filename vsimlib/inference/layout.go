// SPDX-License-Identifier: Apache-2.0

package inference

import (
	"slices"

	"vsim/vsimlib/embeddings"
)

// layout divides n records into batches: lists of at most size records, by index. What a record's embedding is, to the last bit,
// may depend on its index in its batch, so a layout is a function of the records and the batch size alone, and shards divide
// batches, never records.
func layout(n, size int) [][]int {
	var batches [][]int
	for from := 0; from < n; from += size {
		batch := make([]int, min(size, n-from))
		for k := range batch {
			batch[k] = from + k
		}
		batches = append(batches, batch)
	}
	return batches
}

// share is every of-th batch, from batch index-1 on; of 0 is all of them.
func share(batches [][]int, index, of int) [][]int {
	if of == 0 {
		return batches
	}
	var mine [][]int
	for k := index - 1; k < len(batches); k += of {
		mine = append(mine, batches[k])
	}
	return mine
}

// rows are the embeddings of some records, in the records' order, whatever the order of the batches.
type rows struct {
	records []int // ascending
	set     embeddings.Set
}

// newRows makes room for the records of the batches.
func newRows(batches [][]int, dim int, id func(record int) int64) *rows {
	r := &rows{records: slices.Concat(batches...)}
	slices.Sort(r.records)
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
