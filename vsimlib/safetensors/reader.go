// SPDX-License-Identifier: Apache-2.0

package safetensors

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
)

// Tensor is one array: its dtype as in the file (F32, I64, …), its shape (empty for a scalar) and its little-endian bytes
// in row-major order.
type Tensor struct {
	Name, DType string
	Shape       []int
	Data        []byte
}

// File is an open safetensors file whose header has been checked. Its methods may be called from several goroutines.
type File struct {
	path        string
	file        io.ReaderAt
	closer      io.Closer // nil for bytes at hand
	start, size int64     // of the data, of the file
	header      *header
	sum         summed
}

// Open opens a file and checks its header fully, against its checksum too where it has one; the tensors stay on disk until they are
// read, and Verify checks them.
func Open(path string) (*File, error) {
	f, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %s: %w", path, err)
	}
	return f, nil
}

func open(path string) (_ *File, err error) {
	file, err := filetype.Open(path)
	if err != nil {
		return nil, atomicfile.Cause(err)
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, atomicfile.Cause(err)
	}
	f, err := newFile(path, file, info.Size())
	if err == nil {
		f.closer = file
	}
	return f, err
}

// NewFile is Open for size bytes in r; name is used in errors.
func NewFile(name string, r io.ReaderAt, size int64) (*File, error) {
	f, err := newFile(name, r, size)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %s: %w", name, err)
	}
	return f, nil
}

func newFile(path string, r io.ReaderAt, size int64) (*File, error) {
	h, start, err := readHeader(r, size)
	if err != nil {
		return nil, wrong(r, err)
	}
	f := &File{path: path, file: r, start: start, size: size, header: h}
	if _, ok := h.metadata[DataSum]; ok {
		f.sum.hash = sha256.New()
	}
	return f, nil
}

// readHeader reads and checks the header of a file of the given size; start is where the data begin.
func readHeader(r io.ReaderAt, size int64) (h *header, start int64, err error) {
	var prefix [8]byte
	if size < int64(len(prefix)) {
		return nil, 0, fmt.Errorf("%d bytes are too short for a safetensors file", size)
	}
	if _, err := r.ReadAt(prefix[:], 0); err != nil {
		return nil, 0, fmt.Errorf("reading the header's length: %w", err)
	}
	length, limit := binary.LittleEndian.Uint64(prefix[:]), min(maxHeader, size-8)
	if length > uint64(limit) {
		return nil, 0, fmt.Errorf("the header claims %d bytes, at most %d are possible", length, limit)
	}
	text := make([]byte, length)
	if _, err := r.ReadAt(text, 8); err != nil {
		return nil, 0, fmt.Errorf("reading the header: %w", err)
	}
	start = 8 + int64(length)
	if h, err = parseHeader(text, size-start); err == nil {
		err = h.checkSum(text)
	}
	return h, start, err
}

// wrong adds to the error of a header what the file really is when it is one of the usual mistakes. The length that text seems to
// claim says nothing and is left out.
func wrong(r io.ReaderAt, err error) error {
	prefix := make([]byte, filetype.Prefix)
	n, _ := r.ReadAt(prefix, 0)
	switch filetype.LooksLike(prefix[:n]) {
	case filetype.Zip, filetype.Pickle:
		return fmt.Errorf("%w (it looks like a pickled PyTorch checkpoint, not like safetensors)", err)
	case "":
		if kind := filetype.What(prefix[:n]); kind != "" {
			return fmt.Errorf("is %s, no safetensors file", kind)
		}
	}
	return fmt.Errorf("%w%s", err, filetype.Hint(prefix[:n]))
}

// Close closes the file.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Path returns the path that the file was opened by.
func (f *File) Path() string { return f.path }

// Names returns the names of the tensors, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.header.entries)) }

// Metadata returns a copy of the header's free text entries; it is empty where the header has none.
func (f *File) Metadata() map[string]string {
	if f.header.metadata == nil {
		return map[string]string{}
	}
	return maps.Clone(f.header.metadata)
}

// Info returns the dtype and the shape of a tensor, and false where the file does not have it.
func (f *File) Info(name string) (dtype string, shape []int, ok bool) {
	e, ok := f.header.entries[name]
	return e.dtype, slices.Clone(e.shape), ok
}

// Read reads one tensor into fresh memory.
func (f *File) Read(name string) (Tensor, error) {
	e, ok := f.header.entries[name]
	if !ok {
		return Tensor{}, fmt.Errorf("safetensors: %s: no tensor %s", f.path, quote(name))
	}
	t := Tensor{Name: name, DType: e.dtype, Shape: slices.Clone(e.shape), Data: make([]byte, e.end-e.begin)}
	return t, f.ReadInto(name, t.Data)
}

// ReadInto reads one tensor's bytes into dst, which must have exactly their length.
func (f *File) ReadInto(name string, dst []byte) error {
	e, ok := f.header.entries[name]
	if !ok {
		return fmt.Errorf("safetensors: %s: no tensor %s", f.path, quote(name))
	}
	if int64(len(dst)) != e.end-e.begin {
		return fmt.Errorf("safetensors: %s: tensor %s: %d bytes of room, it has %d", f.path, quote(name), len(dst), e.end-e.begin)
	}
	if len(dst) == 0 {
		return nil // at the end of the file ReadAt would report io.EOF
	}
	if _, err := f.file.ReadAt(dst, f.start+e.begin); err != nil {
		return fmt.Errorf("safetensors: %s: tensor %s: %w", f.path, quote(name), atomicfile.Cause(err))
	}
	f.sum.add(e.begin, dst)
	return nil
}
