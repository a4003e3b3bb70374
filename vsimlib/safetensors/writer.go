// SPDX-License-Identifier: Apache-2.0

package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"unicode/utf8"
)

// Spec describes a tensor that is yet to be written.
type Spec struct {
	Name, DType string
	Shape       []int
}

// Write writes tensors and metadata (may be nil), in the layout of the Python package whatever the order of the slice.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	specs := make([]Spec, len(tensors))
	for i, t := range tensors {
		specs[i] = Spec{t.Name, t.DType, t.Shape}
	}
	return WriteFunc(w, specs, metadata, func(i int) ([]byte, error) { return tensors[i].Data, nil })
}

// WriteFunc writes tensors whose bytes data returns for an index of specs; it is called once for each, in the order of the
// file, and its result may be reused after the next call. So a model can be saved with one tensor in memory at a time.
func WriteFunc(w io.Writer, specs []Spec, metadata map[string]string, data func(i int) ([]byte, error)) error {
	order, sizes, err := layout(specs)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	head, err := buildHeader(specs, order, sizes, metadata)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	return writeFile(w, head, specs, order, sizes, data)
}

// writeFile writes the header and the tensors in the order of the file.
func writeFile(w io.Writer, head []byte, specs []Spec, order []int, sizes []int64, data func(i int) ([]byte, error)) error {
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("safetensors: writing the header: %w", err)
	}
	for _, i := range order {
		b, err := data(i)
		if err == nil && int64(len(b)) != sizes[i] {
			err = fmt.Errorf("%d bytes of data, %s %v needs %d", len(b), specs[i].DType, specs[i].Shape, sizes[i])
		}
		if err == nil {
			_, err = w.Write(b)
		}
		if err != nil {
			return fmt.Errorf("safetensors: tensor %s: %w", quote(specs[i].Name), err)
		}
	}
	return nil
}

// layout checks the specs and returns the order in which they lie in the file, and their sizes.
func layout(specs []Spec) (order []int, sizes []int64, err error) {
	if len(specs) > maxTensors {
		return nil, nil, fmt.Errorf("%d tensors, at most %d can be read back", len(specs), maxTensors)
	}
	seen := make(map[string]bool, len(specs))
	for i, s := range specs {
		if err := checkName(s.Name); err != nil {
			return nil, nil, err
		}
		if seen[s.Name] {
			return nil, nil, fmt.Errorf("tensor %s: given twice", quote(s.Name))
		}
		seen[s.Name] = true
		size, err := byteSize(s.DType, s.Shape)
		if err == nil && len(s.Shape) > maxRank {
			err = fmt.Errorf("%d dimensions, at most %d can be read back", len(s.Shape), maxRank)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("tensor %s: %w", quote(s.Name), err)
		}
		order, sizes = append(order, i), append(sizes, size)
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := specs[i], specs[j]
		return cmp.Or(cmp.Compare(dtypes[b.DType].rank, dtypes[a.DType].rank), cmp.Compare(a.Name, b.Name))
	})
	return order, sizes, nil
}

// buildHeader returns the length and the JSON, padded with spaces to a multiple of 8 bytes as the format asks.
func buildHeader(specs []Spec, order []int, sizes []int64, metadata map[string]string) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 8))
	b.WriteByte('{')
	if metadata != nil {
		if err := writeMetadata(b, metadata); err != nil {
			return nil, err
		}
	}
	begin := int64(0)
	for _, i := range order {
		s := specs[i]
		if begin > math.MaxInt64-sizes[i] {
			return nil, fmt.Errorf("tensor %s: the file would overflow 63 bits", quote(s.Name))
		}
		comma(b)
		fmt.Fprintf(b, `%s:{"dtype":%s,"shape":[`, jsonString(s.Name), jsonString(s.DType))
		for k, n := range s.Shape {
			if k > 0 {
				b.WriteByte(',')
			}
			fmt.Fprint(b, n)
		}
		fmt.Fprintf(b, `],"data_offsets":[%d,%d]}`, begin, begin+sizes[i])
		begin += sizes[i]
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	length := b.Len() - 8
	if length > maxHeader {
		return nil, fmt.Errorf("the header has %d bytes, the format allows %d", length, maxHeader)
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(length))
	return b.Bytes(), nil
}

func writeMetadata(b *bytes.Buffer, metadata map[string]string) error {
	fmt.Fprintf(b, `"%s":{`, metadataKey)
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if !utf8.ValidString(key) || !utf8.ValidString(metadata[key]) {
			return errors.New("metadata that is not UTF-8")
		}
		comma(b)
		fmt.Fprintf(b, "%s:%s", jsonString(key), jsonString(metadata[key]))
	}
	b.WriteByte('}')
	return nil
}

// comma separates a member from the one before it.
func comma(b *bytes.Buffer) {
	if last := b.Bytes()[b.Len()-1]; last != '{' {
		b.WriteByte(',')
	}
}

// jsonString quotes without the HTML escapes that encoding/json adds by default.
func jsonString(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}
