// SPDX-License-Identifier: Apache-2.0

// Package embeddings reads and writes embeddings files: safetensors with `ids` int64 [N] and `embeddings` float32 [N,D],
// one row a video, and the shards that they can be made in. A row that is NaN or infinite is refused in both directions: it
// would make every number computed from the file meaningless. A file that exists is complete, for it appears whole; the checksums
// in its metadata are checked whenever it is read.
package embeddings

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/safetensors"
)

// The names of the two tensors of a file.
const (
	idsName  = "ids"
	rowsName = "embeddings"
)

// Set holds the embeddings of N videos: their ids, and Data as [N,Dim] in row-major order.
type Set struct {
	IDs  []int64
	Dim  int
	Data []float32
}

// Len returns the number of videos.
func (s *Set) Len() int { return len(s.IDs) }

// Row returns the embedding of video i, a part of Data.
func (s *Set) Row(i int) []float32 { return s.Data[i*s.Dim : (i+1)*s.Dim : (i+1)*s.Dim] }

// Index returns the row of every id. An id that appears twice is an error: its embedding would be ambiguous.
func (s *Set) Index() (map[int64]int, error) {
	index := make(map[int64]int, len(s.IDs))
	for i, id := range s.IDs {
		if first, ok := index[id]; ok {
			return nil, fmt.Errorf("embeddings: id %d appears twice, in rows %d and %d", id, first, i)
		}
		index[id] = i
	}
	return index, nil
}

// Read reads an embeddings file. Other tensors are passed over.
func Read(path string) (*Set, error) {
	f, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	defer f.Close()
	return readAll(f)
}

// readAll reads an open embeddings file and checks its checksums.
func readAll(f *safetensors.File) (*Set, error) {
	s, err := read(f, nil)
	if err != nil {
		return nil, fmt.Errorf("embeddings: %s: %w", f.Path(), err)
	}
	if err := f.Verify(); err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	return s, nil
}

// read reads both tensors in the order of the file; between (may be nil) reads what lies between them.
func read(f *safetensors.File, between func() error) (*Set, error) {
	n, err := expect(f, idsName, safetensors.Int64, 1)
	if err != nil {
		return nil, err
	}
	shape, err := expect(f, rowsName, safetensors.Float32, 2)
	if err != nil {
		return nil, err
	}
	if n[0] != shape[0] {
		return nil, fmt.Errorf("%d ids for %d rows of embeddings", n[0], shape[0])
	}
	s := &Set{Dim: shape[1]}
	ids, err := f.Read(idsName)
	if err != nil {
		return nil, err
	}
	if s.IDs, err = safetensors.Int64s(ids); err != nil {
		return nil, err
	}
	if between != nil {
		if err := between(); err != nil {
			return nil, err
		}
	}
	rows, err := f.Read(rowsName)
	if err != nil {
		return nil, err
	}
	if s.Data, err = safetensors.Float32s(rows); err != nil {
		return nil, err
	}
	return s, s.check()
}

// expect returns the shape of a tensor that must have a dtype and a number of dimensions.
func expect(f *safetensors.File, name, dtype string, rank int) ([]int, error) {
	got, shape, ok := f.Info(name)
	switch {
	case !ok:
		return nil, fmt.Errorf("not an embeddings file: it has no tensor %q", name)
	case got != dtype || len(shape) != rank:
		return nil, fmt.Errorf("tensor %q is %s %v, want %s with %d dimensions", name, got, shape, dtype, rank)
	}
	return shape, nil
}

// check holds the parts of a set against each other and its values against the finite numbers.
func (s *Set) check() error {
	if s.Dim < 1 {
		return fmt.Errorf("embeddings of width %d", s.Dim)
	}
	if len(s.Data)%s.Dim != 0 || len(s.Data)/s.Dim != len(s.IDs) {
		return fmt.Errorf("%d values for %d ids of width %d", len(s.Data), len(s.IDs), s.Dim)
	}
	bad := slices.IndexFunc(s.Data, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) })
	if bad >= 0 {
		row := bad / s.Dim
		return fmt.Errorf("id %d (row %d): value %d is %v", s.IDs[row], row, bad%s.Dim, s.Data[bad])
	}
	return nil
}

// Write writes the set to a file that is never seen half written; an existing one is replaced.
func (s *Set) Write(path string) error {
	return s.write(path, func(w io.Writer) error { return safetensors.WriteSummed(w, s.tensors(), nil) })
}

// write checks the set and writes a file by fill.
func (s *Set) write(path string, fill func(w io.Writer) error) error {
	if s == nil {
		return errors.New("embeddings: nothing to write")
	}
	if err := s.check(); err != nil {
		return fmt.Errorf("embeddings: %s: %w", path, err)
	}
	if err := atomicfile.Write(path, fill); err != nil {
		return fmt.Errorf("embeddings: %w", err)
	}
	return nil
}

// tensors are the two of a file.
func (s *Set) tensors() []safetensors.Tensor {
	return []safetensors.Tensor{
		safetensors.FromInt64(idsName, []int{len(s.IDs)}, s.IDs),
		safetensors.FromFloat32(rowsName, []int{len(s.IDs), s.Dim}, s.Data),
	}
}
