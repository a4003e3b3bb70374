// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"path/filepath"
	"strings"

	"vsim/vsimlib/filetype"
)

const (
	// MaxRecord is the largest data length accepted; the competition's largest record is about 100 kB.
	MaxRecord = 16 << 20

	// Overhead is what the framing adds to a record's data.
	Overhead = headerSize + footerSize

	headerSize = 12 // length and its checksum
	footerSize = 4  // checksum of the data
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maskedCRC is CRC32C, rotated and offset as TensorFlow does it: a checksum of data that holds checksums is then no fixed point.
func maskedCRC(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// Error is a record that cannot be read: which file, which record (counted from 0), where it starts, and why.
type Error struct {
	File   string
	Record int
	Offset int64 // of the first byte of the record's header
	Reason string
}

// Error gives the four fields on one line.
func (e *Error) Error() string {
	return fmt.Sprintf("tfrecord: %s: record %d at byte %d: %s", e.File, e.Record, e.Offset, e.Reason)
}

// Entry is the position of one record: its number in the file (from 0), the offset of its header and the length of its data.
type Entry struct {
	Number int
	Offset int64
	Length int
}

// End is the offset of the byte after the record.
func (e Entry) End() int64 { return e.Offset + Overhead + int64(e.Length) }

// File is an open record file. Its methods read at offsets only, so they may be called from many goroutines.
type File struct {
	name   string
	r      io.ReaderAt
	size   int64
	closer io.Closer
}

// Open opens the record file at path. One whose name ends in .gz is decompressed into the user's cache folder first, where it
// has not been yet; its offsets and its size are those of the decompressed file.
func Open(path string) (*File, error) {
	f, err := filetype.Open(path)
	if err != nil {
		return nil, fmt.Errorf("tfrecord: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("tfrecord: %w", err)
	}
	if !strings.HasSuffix(path, GzipSuffix) {
		return &File{name: path, r: f, size: info.Size(), closer: f}, nil
	}
	defer f.Close()
	unpacked, err := openGzip(path, f)
	if err != nil {
		return nil, err
	}
	if info, err = unpacked.Stat(); err != nil {
		unpacked.Close()
		return nil, fmt.Errorf("tfrecord: %s: %w", path, err)
	}
	return &File{name: path, r: unpacked, size: info.Size(), closer: unpacked}, nil
}

// NewFile is a record file of size bytes in r; name is used in errors.
func NewFile(name string, r io.ReaderAt, size int64) *File {
	return &File{name: name, r: r, size: size}
}

// Name is the path the file was opened by.
func (f *File) Name() string { return f.name }

// Size is the file's length in bytes when it was opened.
func (f *File) Size() int64 { return f.size }

// Close closes a file opened by Open.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

func (f *File) fail(number int, offset int64, format string, args ...any) *Error {
	return &Error{File: f.name, Record: number, Offset: offset, Reason: fmt.Sprintf(format, args...)}
}

// hint returns what the file is where it is no record file from its first byte on.
func (f *File) hint(offset int64) string {
	if offset != 0 {
		return ""
	}
	prefix := make([]byte, filetype.Prefix)
	n, _ := f.r.ReadAt(prefix, 0)
	if filetype.LooksLike(prefix[:n]) == filetype.Gzip && !strings.HasSuffix(f.name, GzipSuffix) {
		return " (it looks like " + filetype.Gzip + ": name it " + filepath.Base(f.name) + GzipSuffix + " and it is read)"
	}
	return filetype.HintBinary(prefix[:n], "TFRecord file")
}

// checkHeader holds the header of a record against its checksum and the length against the rest of the file.
func (f *File) checkHeader(number int, offset int64, header []byte) (Entry, error) {
	if want, got := binary.LittleEndian.Uint32(header[8:]), maskedCRC(header[:8]); want != got {
		return Entry{}, f.fail(number, offset, "length checksum is %08x, the length bytes give %08x%s", want, got, f.hint(offset))
	}
	length := binary.LittleEndian.Uint64(header)
	if length > MaxRecord {
		return Entry{}, f.fail(number, offset, "length %d is over the limit of %d", length, MaxRecord)
	}
	if rest := f.size - offset - headerSize; int64(length)+footerSize > rest {
		return Entry{}, f.fail(number, offset, "truncated data: %d bytes and a checksum needed, %d bytes left in the file", length, rest)
	}
	return Entry{Number: number, Offset: offset, Length: int(length)}, nil
}

// At reads the header at offset. It returns io.EOF where offset is the end of the file.
func (f *File) At(number int, offset int64) (Entry, error) {
	rest := f.size - offset
	switch {
	case rest == 0:
		return Entry{}, io.EOF
	case offset < 0 || rest < 0:
		return Entry{}, f.fail(number, offset, "outside the file of %d bytes", f.size)
	case rest < headerSize:
		return Entry{}, f.fail(number, offset, "truncated header: %d of %d bytes%s", rest, headerSize, f.hint(offset))
	}
	var header [headerSize]byte
	if n, err := f.r.ReadAt(header[:], offset); n < headerSize {
		return Entry{}, f.fail(number, offset, "reading the header: %v", noEOF(err))
	}
	return f.checkHeader(number, offset, header[:])
}

// Read returns the data of a record, with both checksums checked, in buf if it is large enough (it must hold Overhead bytes
// more than the data).
func (f *File) Read(e Entry, buf []byte) ([]byte, error) {
	r, err := f.ReadRecord(e, buf)
	return r.Data, err
}

// ReadRecord is Read with the stored checksum of the data.
func (f *File) ReadRecord(e Entry, buf []byte) (Record, error) {
	if e.Length < 0 || e.Length > MaxRecord || e.Offset < 0 || e.Offset > f.size || e.End() > f.size {
		return Record{}, f.fail(e.Number, e.Offset, "%d bytes of data there do not fit the file of %d bytes", e.Length, f.size)
	}
	n := e.Length + Overhead
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if got, err := f.r.ReadAt(buf, e.Offset); got < n {
		return Record{}, f.fail(e.Number, e.Offset, "truncated data: %d of %d bytes: %v", got, n, noEOF(err))
	}
	now, err := f.checkHeader(e.Number, e.Offset, buf[:headerSize])
	if err != nil {
		return Record{}, err
	}
	if now.Length != e.Length {
		return Record{}, f.fail(e.Number, e.Offset, "length is now %d, it was %d when the file was indexed", now.Length, e.Length)
	}
	data, sum, err := f.checkData(e, buf[headerSize:])
	return Record{e, data, sum}, err
}

// checkData splits off and checks the checksum behind the data.
func (f *File) checkData(e Entry, b []byte) ([]byte, uint32, error) {
	data, sum := b[:e.Length:e.Length], binary.LittleEndian.Uint32(b[e.Length:])
	if got := maskedCRC(data); sum != got {
		return nil, 0, f.fail(e.Number, e.Offset, "data checksum is %08x, the %d data bytes give %08x", sum, e.Length, got)
	}
	return data, sum, nil
}

// noEOF keeps "EOF" out of messages about a file that became shorter.
func noEOF(err error) error {
	if err == nil || err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
