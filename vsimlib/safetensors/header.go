// SPDX-License-Identifier: Apache-2.0

package safetensors

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// Limits of a header. The first is the format's own; the others are far above every published model and keep the parsed
// header within a small multiple of its bytes.
const (
	maxHeader  = 100_000_000
	maxTensors = 100_000
	maxName    = 512
	maxRank    = 32
)

const metadataKey = "__metadata__"

// tensorEntry is one tensor of a header; begin and end count from the end of the header.
type tensorEntry struct {
	dtype      string
	shape      []int
	begin, end int64
}

// header is a parsed and fully checked header.
type header struct {
	entries  map[string]tensorEntry
	metadata map[string]string
}

// parseHeader parses the header's JSON and holds it against dataSize, the bytes that follow it in the file.
func parseHeader(text []byte, dataSize int64) (*header, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("the header is not UTF-8")
	}
	if len(text) == 0 || text[0] != '{' {
		return nil, errors.New("the header does not start with {")
	}
	if bytes.Count(text, []byte(`"data_offsets"`)) > maxTensors { // before the parser takes memory for them
		return nil, fmt.Errorf("more than %d tensors", maxTensors)
	}
	if err := checkSurrogates(text); err != nil {
		return nil, err
	}
	p := newParser(text)
	h := &header{entries: map[string]tensorEntry{}}
	err := p.object(func(name string) error {
		if name == metadataKey {
			return h.addMetadata(p)
		}
		return h.addTensor(p, name)
	})
	if err != nil {
		return nil, err
	}
	if after := text[p.dec.InputOffset():]; len(bytes.TrimLeft(after, " \t\r\n")) > 0 {
		return nil, p.errorf("more text after the header's closing brace")
	}
	return h, h.checkCoverage(dataSize)
}

func (h *header) addMetadata(p *parser) error {
	if h.metadata != nil {
		return p.errorf("%s appears twice", metadataKey)
	}
	h.metadata = map[string]string{}
	if p.null() { // as the Python package reads it
		return nil
	}
	err := p.object(func(key string) error {
		if _, ok := h.metadata[key]; ok {
			return p.errorf("key %s appears twice", quote(key))
		}
		if len(h.metadata) == maxTensors {
			return p.errorf("more than %d entries", maxTensors)
		}
		value, err := p.str()
		h.metadata[key] = value
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", metadataKey, err)
	}
	return nil
}

func (h *header) addTensor(p *parser, name string) error {
	if err := checkName(name); err != nil {
		return p.errorf("%v", err)
	}
	if _, ok := h.entries[name]; ok {
		return fmt.Errorf("tensor %s: appears twice", quote(name))
	}
	if len(h.entries) == maxTensors {
		return p.errorf("more than %d tensors", maxTensors)
	}
	e, err := p.tensor()
	if err == nil {
		err = e.check()
	}
	if err != nil {
		return fmt.Errorf("tensor %s: %w", quote(name), err)
	}
	h.entries[name] = e
	return nil
}

// tensor reads {"dtype": …, "shape": […], "data_offsets": [begin, end]}; each key must appear exactly once.
func (p *parser) tensor() (tensorEntry, error) {
	var e tensorEntry
	seen := map[string]bool{}
	err := p.object(func(key string) (err error) {
		if seen[key] {
			return p.errorf("key %s appears twice", quote(key))
		}
		seen[key] = true
		switch key {
		case "dtype":
			e.dtype, err = p.str()
		case "shape":
			e.shape, err = p.shape()
		case "data_offsets":
			var offsets []int64
			if offsets, err = p.ints(2); err == nil && len(offsets) != 2 {
				err = p.errorf("data_offsets has %d numbers, want 2", len(offsets))
			}
			if err == nil {
				e.begin, e.end = offsets[0], offsets[1]
			}
		default:
			err = p.errorf("unknown key %s", quote(key))
		}
		return err
	})
	if err != nil {
		return e, err
	}
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if !seen[key] {
			return e, p.errorf("%s is missing", key)
		}
	}
	return e, nil
}

func (p *parser) shape() ([]int, error) {
	list, err := p.ints(maxRank)
	shape := make([]int, len(list))
	for i, n := range list {
		if n > math.MaxInt {
			return nil, p.errorf("dimension %d does not fit an int", n)
		}
		shape[i] = int(n)
	}
	return shape, err
}

// check compares the byte range with dtype and shape.
func (e tensorEntry) check() error {
	size, err := byteSize(e.dtype, e.shape)
	if err != nil {
		return err
	}
	if e.begin > e.end {
		return fmt.Errorf("data_offsets [%d,%d] run backwards", e.begin, e.end)
	}
	if e.end-e.begin != size {
		return fmt.Errorf("data_offsets [%d,%d] hold %d bytes, %s %v needs %d", e.begin, e.end, e.end-e.begin, e.dtype, e.shape, size)
	}
	return nil
}

// byteSize returns the bytes of a tensor. The product of the dimensions other than 0 must fit 63 bits too, so that an
// empty tensor cannot carry a dimension that overflows in its reader's hands.
func byteSize(dtype string, shape []int) (int64, error) {
	width, ok := Width(dtype)
	if !ok {
		return 0, fmt.Errorf("dtype %s is not supported", quote(dtype))
	}
	size, empty := int64(width), false
	for _, n := range shape {
		switch {
		case n < 0:
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		case n == 0:
			empty = true
		case size > math.MaxInt64/int64(n):
			return 0, fmt.Errorf("shape %v of %s overflows 63 bits", shape, dtype)
		default:
			size *= int64(n)
		}
	}
	if empty {
		return 0, nil
	}
	return size, nil
}

// checkCoverage checks that the tensors follow each other without gap or overlap and end where the file ends.
func (h *header) checkCoverage(dataSize int64) error {
	end := int64(0)
	for _, name := range h.byOffset() {
		e := h.entries[name]
		switch {
		case e.end > dataSize:
			return fmt.Errorf("tensor %s: ends at byte %d of the data, the file has %d", quote(name), e.end, dataSize)
		case e.begin < end:
			return fmt.Errorf("tensor %s: overlaps another: begins at byte %d of the data, the one before ends at %d", quote(name), e.begin,
				end)
		case e.begin > end:
			return fmt.Errorf("tensor %s: leaves a gap: begins at byte %d of the data, the one before ends at %d", quote(name), e.begin, end)
		}
		end = e.end
	}
	if end != dataSize {
		return fmt.Errorf("the tensors end at byte %d of the data, the file has %d", end, dataSize)
	}
	return nil
}

// byOffset returns the names in the order of the data; an empty tensor comes before the one that starts at the same byte.
func (h *header) byOffset() []string {
	names := make([]string, 0, len(h.entries))
	for name := range h.entries {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := h.entries[a], h.entries[b]
		return cmp.Or(cmp.Compare(x.begin, y.begin), cmp.Compare(x.end, y.end), cmp.Compare(a, b))
	})
	return names
}

func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("a tensor without a name")
	case len(name) > maxName:
		return fmt.Errorf("tensor name %s has %d bytes, at most %d are read", quote(name), len(name), maxName)
	case name == metadataKey:
		return fmt.Errorf("%s is not a tensor's name", metadataKey)
	case !utf8.ValidString(name):
		return fmt.Errorf("tensor name %s is not UTF-8", quote(name))
	}
	return nil
}

// quote quotes text from the file for an error line, cut where it is long.
func quote(s string) string {
	const limit = 100
	if len(s) <= limit {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q…", s[:limit])
}
