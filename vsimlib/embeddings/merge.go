// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"vsim/vsimlib/provenance"
)

// Merge puts the shards of one embedding together, in the order of the records. All must be there, each once; their own order is
// free. All must be of machines that compute alike (provenance.Process.Unlike), unless mix is set. One shard at a time is in memory
// with the result.
func Merge(mix bool, paths ...string) (*Set, error) {
	h, err := fitting(mix, paths)
	if err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	out := &Set{IDs: make([]int64, h.Videos), Dim: h.dim, Data: make([]float32, h.Videos*h.dim)}
	from := make([]int32, h.Videos) // the shard of a row, from 1
	for i, path := range paths {
		s, err := ReadShard(path)
		if err != nil {
			return nil, err
		}
		if s.Job != h.Job || s.Dim != out.Dim {
			return nil, fmt.Errorf("embeddings: %s: changed while it was merged", path)
		}
		for row, place := range s.Places {
			if other := from[place]; other > 0 {
				return nil, fmt.Errorf("embeddings: %s: row %d is of record %d, which is in %s too", path, row, place, paths[other-1])
			}
			from[place] = int32(i + 1)
			out.IDs[place] = s.IDs[row]
			copy(out.Row(int(place)), s.Row(row))
		}
	}
	return out, nil
}

// fitting looks at the headers of the shards, before memory of the sizes that they give is taken. Its error names the one that
// does not fit.
func fitting(mix bool, paths []string) (first header, err error) {
	if len(paths) == 0 {
		return first, errors.New("no shards to merge")
	}
	at, rows, mixed := map[int]string{}, 0, false
	for _, path := range paths {
		h, err := headerOf(path)
		if err != nil {
			return first, fmt.Errorf("%s: %w", path, err)
		}
		if len(at) == 0 {
			first = h
		}
		if what := first.differs(h); what != "" {
			return first, fmt.Errorf("%s: is of %s than %s", path, what, paths[0])
		}
		mixed = mixed || h.by.Arithmetic != first.by.Arithmetic
		if d, ok := first.by.Unlike(h.by); ok && !mix {
			return first, fmt.Errorf("%s: was computed with %v as in %s; embed the shards on machines that compute alike, or merge them "+
				"all the same with --mix-backends", paths[0], d, path)
		}
		if other, ok := at[h.index]; ok {
			return first, fmt.Errorf("%s: is shard %s, as %s is", path, shardName(h.index, h.Of), other)
		}
		at[h.index] = path
		rows += h.rows
	}
	if missing := first.Of - len(at); missing > 0 {
		return first, fmt.Errorf("of the shards of %s, %s missing", paths[0], absent(at, first.Of))
	}
	if rows != first.Videos {
		return first, fmt.Errorf("%s and the other shards hold %d rows for %d records", paths[0], rows, first.Videos)
	}
	if mixed {
		first.by.Arithmetic = "mixed"
	}
	return first, nil
}

// Mixture says what the shards mix that Merge refuses, "" for nothing.
func Mixture(paths ...string) (string, error) {
	var first header
	for i, path := range paths {
		h, err := headerOf(path)
		if err != nil {
			return "", fmt.Errorf("embeddings: %s: %w", path, err)
		}
		if i == 0 {
			first = h
		}
		if d, ok := first.by.Unlike(h.by); ok {
			return fmt.Sprintf("the %s: %s and %s", d.Name, cmp.Or(d.Was, provenance.Unknown), cmp.Or(d.Is, provenance.Unknown)), nil
		}
	}
	return "", nil
}

func headerOf(path string) (header, error) {
	f, err := open(path)
	if err != nil {
		return header{}, err
	}
	defer f.Close()
	return readHeader(f)
}

// differs is what another shard differs in, "" where both are of the same embedding.
func (h header) differs(other header) string {
	switch {
	case h.Model != other.Model || h.dim != other.dim:
		return "another model"
	case h.Records != other.Records || h.Videos != other.Videos:
		return "other records"
	case h.Batch != other.Batch:
		return fmt.Sprintf("another batch (%d, not %d)", other.Batch, h.Batch)
	case h.DType != other.DType:
		return fmt.Sprintf("another dtype (%s, not %s)", cmp.Or(other.DType, provenance.Unknown), cmp.Or(h.DType, provenance.Unknown))
	case h.Of != other.Of:
		return fmt.Sprintf("another division (%d shards, not %d)", other.Of, h.Of)
	}
	return ""
}

// absent names the first of the shards that are not there.
func absent(at map[int]string, of int) string {
	const most = 8
	var names []string
	for i := 1; i <= of && len(names) < most; i++ {
		if _, ok := at[i]; !ok {
			names = append(names, shardName(i, of))
		}
	}
	text := strings.Join(names, ", ")
	if more := of - len(at) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if of-len(at) == 1 {
		return text + " is"
	}
	return text + " are"
}
