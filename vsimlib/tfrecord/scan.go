// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"errors"
	"io"
)

const scanBuffer = 1 << 20

// Record is one record met by a Scanner.
type Record struct {
	Entry
	Data     []byte // valid until the next call of Next or Recover
	Checksum uint32 // the masked CRC32C of Data
}

// Scanner reads a file's records in order.
type Scanner struct {
	f      *File
	buf    []byte // holds the bytes of the file from start on
	start  int64
	offset int64 // of the next record
	number int
	bad    Entry // the record Next failed on; Length < 0 where even its header is bad
	failed bool
}

// Scan starts a pass over the file. Many passes may run at once.
func (f *File) Scan() *Scanner { return &Scanner{f: f} }

// Next returns the next record, io.EOF after the last, or an *Error; after an *Error only Recover leads on.
func (s *Scanner) Next() (Record, error) {
	e, err := s.header()
	if err == io.EOF {
		return Record{}, err
	}
	if err != nil {
		s.bad, s.failed = Entry{Number: s.number, Offset: s.offset, Length: -1}, true
		return Record{}, err
	}
	b, err := s.window(e.Offset+headerSize, e.Length+footerSize)
	var sum uint32
	if err != nil {
		err = s.f.fail(e.Number, e.Offset, "truncated data: %v", err)
	} else {
		b, sum, err = s.f.checkData(e, b)
	}
	if err != nil {
		s.bad, s.failed = e, true
		return Record{}, err
	}
	s.offset, s.number, s.failed = e.End(), s.number+1, false
	return Record{Entry: e, Data: b, Checksum: sum}, nil
}

// header is File.At through the scanner's buffer.
func (s *Scanner) header() (Entry, error) {
	if s.f.size-s.offset < headerSize {
		return s.f.At(s.number, s.offset)
	}
	h, err := s.window(s.offset, headerSize)
	if err != nil {
		return Entry{}, s.f.fail(s.number, s.offset, "reading the header: %v", err)
	}
	return s.f.checkHeader(s.number, s.offset, h)
}

// Framed reports whether the record that Next failed on has a good header, so that Recover finds its end by its length.
func (s *Scanner) Framed() bool { return s.failed && s.bad.Length >= 0 }

// Recover moves past the record that Next failed on: to its end where its header is good, else to the next offset where a length
// and its checksum agree. It returns false where nothing more can be read. Record numbers go on as if exactly one was lost.
func (s *Scanner) Recover() bool {
	if !s.failed {
		return s.offset < s.f.size
	}
	s.failed = false
	s.number++
	if s.bad.Length >= 0 {
		s.offset = s.bad.End()
		return true
	}
	for offset := s.bad.Offset + 1; s.f.size-offset >= headerSize+footerSize; offset++ {
		h, err := s.window(offset, headerSize)
		if err != nil {
			break
		}
		// Most offsets are ruled out by the zero upper bytes that a length within MaxRecord has.
		if h[4]|h[5]|h[6]|h[7] != 0 {
			continue
		}
		if _, err := s.f.checkHeader(s.number, offset, h); err == nil {
			s.offset = offset
			return true
		}
	}
	s.offset = s.f.size
	return false
}

// window returns n bytes of the file at offset; the caller has checked that they lie inside it.
func (s *Scanner) window(offset int64, n int) ([]byte, error) {
	if at := offset - s.start; at >= 0 && at+int64(n) <= int64(len(s.buf)) {
		return s.buf[at : at+int64(n)], nil
	}
	rest := s.f.size - offset
	if size := max(n, int(min(scanBuffer, rest))); cap(s.buf) < size {
		s.buf = make([]byte, size)
	}
	s.buf = s.buf[:min(int64(cap(s.buf)), rest)]
	s.start = offset
	got, err := s.f.r.ReadAt(s.buf, offset)
	s.buf = s.buf[:got]
	if got >= n {
		return s.buf[:n], nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return nil, err
}
