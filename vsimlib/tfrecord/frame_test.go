// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func frame(t testing.TB, records ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	for _, r := range records {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// headers lists the records by their headers; the data is skipped, not read.
func headers(f *File) ([]Entry, error) {
	var index []Entry
	for offset := int64(0); ; {
		e, err := f.At(len(index), offset)
		if err == io.EOF {
			return index, nil
		}
		if err != nil {
			return nil, err
		}
		index = append(index, e)
		offset = e.End()
	}
}

func file(b []byte) *File { return NewFile("f", bytes.NewReader(b), int64(len(b))) }

// scanAll reads to the end, recovering after errors.
func scanAll(f *File) (data [][]byte, entries []Entry, errs []error) {
	s := f.Scan()
	for {
		r, err := s.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			errs = append(errs, err)
			if !s.Recover() {
				return
			}
			continue
		}
		data, entries = append(data, bytes.Clone(r.Data)), append(entries, r.Entry)
	}
}

// readIndexed reads by index, stopping at the first error.
func readIndexed(f *File) ([][]byte, error) {
	index, err := headers(f)
	if err != nil {
		return nil, err
	}
	var data [][]byte
	for _, e := range index {
		b, err := f.Read(e, nil)
		if err != nil {
			return data, err
		}
		data = append(data, b)
	}
	return data, nil
}

func TestMaskedCRC(t *testing.T) {
	// CRC32C of "123456789" is e3069283 (RFC 3720's check value); rotated right by 15 and offset by a282ead8 by hand:
	// e3069283 ror 15 = 2507c60d, + a282ead8 = c78ab0e5.
	if got := maskedCRC([]byte("123456789")); got != 0xc78ab0e5 {
		t.Errorf("%08x", got)
	}
}

func TestRoundTripOfRecords(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), scanBuffer/8) // two buffers long
	records := [][]byte{[]byte("first"), {}, big, []byte("last")}
	f := file(frame(t, records...))
	scanned, entries, errs := scanAll(f)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	read, err := readIndexed(f)
	if err != nil {
		t.Fatal(err)
	}
	index, _ := headers(f)
	if fmt.Sprint(index) != fmt.Sprint(entries) {
		t.Errorf("Index gives %v, a scan %v", index, entries)
	}
	for i, want := range records {
		if !bytes.Equal(scanned[i], want) || !bytes.Equal(read[i], want) {
			t.Errorf("record %d differs", i)
		}
	}
	if got, err := f.At(7, f.Size()); err != io.EOF {
		t.Errorf("At the end: %v %v, want EOF", got, err)
	}
	if data, entries, errs := scanAll(file(nil)); data != nil || entries != nil || errs != nil {
		t.Error("an empty file holds something")
	}
}

// Every change of one byte to any of some other values is found and named, by the scan and by the indexed reads, and the scan
// still reads all the other records.
func TestEveryFlippedByteIsFound(t *testing.T) {
	whole := frame(t, []byte("abc"), []byte("0123456789"), nil, []byte("xyz"))
	_, entries, _ := scanAll(file(whole))
	for at := range whole {
		hit := 0
		for int64(at) >= entries[hit].End() {
			hit++
		}
		for _, flip := range []byte{1, 2, 4, 8, 16, 32, 64, 128, 255} {
			b := bytes.Clone(whole)
			b[at] ^= flip
			data, _, errs := scanAll(file(b))
			var e *Error
			if len(errs) != 1 || !errors.As(errs[0], &e) || e.Record != hit || e.Offset != entries[hit].Offset || e.File != "f" {
				t.Fatalf("byte %d ^ %d: errors %v, want one for record %d", at, flip, errs, hit)
			}
			part := "data checksum"
			if int64(at)-entries[hit].Offset < headerSize {
				part = "length checksum"
			}
			if !strings.Contains(e.Reason, part) {
				t.Errorf("byte %d ^ %d: %q does not name the %s", at, flip, e.Reason, part)
			}
			if len(data) != len(entries)-1 {
				t.Errorf("byte %d ^ %d: %d records read, want all but one", at, flip, len(data))
			}
			if _, err := readIndexed(file(b)); !errors.As(err, &e) || e.Record != hit {
				t.Errorf("byte %d ^ %d: indexed read says %v", at, flip, err)
			}
		}
	}
}

// Every truncation gives an error that names the cut record, except at the exact end of a record.
func TestEveryTruncationIsFound(t *testing.T) {
	whole := frame(t, []byte("abc"), []byte("0123456789"), nil, []byte("xyz"))
	_, entries, _ := scanAll(file(whole))
	ends := map[int]int{0: 0}
	for i, e := range entries {
		ends[int(e.End())] = i + 1
	}
	full := 0
	for n := range whole {
		data, _, errs := scanAll(file(whole[:n]))
		_, indexErr := readIndexed(file(whole[:n]))
		if records, ok := ends[n]; ok {
			full = records
			if len(errs) != 0 || indexErr != nil || len(data) != records {
				t.Errorf("cut at %d, a record's end: %d records, %v, %v", n, len(data), errs, indexErr)
			}
			continue
		}
		want := "truncated data"
		if int64(n) < entries[full].Offset+headerSize {
			want = "truncated header"
		}
		for _, err := range []error{errors.Join(errs...), indexErr} {
			var e *Error
			if !errors.As(err, &e) || e.Record != full || e.Offset != entries[full].Offset || !strings.Contains(e.Reason, want) {
				t.Errorf("cut at %d: %v, want %s of record %d", n, err, want, full)
			}
		}
		if len(data) != full {
			t.Errorf("cut at %d: %d records read, want %d", n, len(data), full)
		}
	}
}

// A length that lies, with a right checksum over it, asks for no memory.
func TestLengthsThatLie(t *testing.T) {
	for _, c := range []struct {
		length uint64
		want   string
	}{
		{MaxRecord + 1, "over the limit"}, {1 << 63, "over the limit"}, {^uint64(0), "over the limit"},
		{^uint64(0) - 15, "over the limit"},
		{MaxRecord, "truncated data"}, {5, "truncated data"}, {1, "truncated data"},
	} {
		b := make([]byte, headerSize+footerSize)
		binary.LittleEndian.PutUint64(b, c.length)
		binary.LittleEndian.PutUint32(b[8:], maskedCRC(b[:8]))
		f := file(b)
		s := f.Scan()
		allocs := testing.AllocsPerRun(1, func() { _, _ = f.At(0, 0) })
		_, scanErr := s.Next()
		_, indexErr := headers(f)
		for _, err := range []error{scanErr, indexErr} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("length %d: %v, want %q", c.length, err, c.want)
			}
		}
		if allocs > 20 || cap(s.buf) > scanBuffer {
			t.Errorf("length %d: %v allocations, a buffer of %d", c.length, allocs, cap(s.buf))
		}
	}
}

func TestReadRefusesForeignEntries(t *testing.T) {
	f := file(frame(t, []byte("abc"), []byte("defg")))
	index, err := headers(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []Entry{{0, -1, 3}, {0, 1 << 40, 3}, {0, 0, -1}, {0, 0, 1 << 30}, {0, 0, 4}, {1, index[1].Offset, 3},
		{0, 1, 3}} {
		if b, err := f.Read(e, nil); err == nil {
			t.Errorf("Read(%+v) gives %q", e, b)
		}
	}
	if _, err := f.At(0, -5); err == nil {
		t.Error("At(-5) found a header")
	}
}

func TestFileThatShrinksAndReadErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.tfrecords")
	whole := frame(t, bytes.Repeat([]byte("x"), 100), []byte("y"))
	if err := os.WriteFile(path, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	index, err := headers(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 50); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(index[0], nil); err == nil || !strings.Contains(err.Error(), path+": record 0 at byte 0: truncated data") {
		t.Errorf("read of a shrunk file: %v", err)
	}
	if _, _, errs := scanAll(f); len(errs) == 0 {
		t.Error("scan of a shrunk file: no error")
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("opened a file that is not there")
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("opened a folder")
	}
}

type failingWriter struct{ left int }

func (w *failingWriter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errors.New("disk full")
	}
	return len(b), nil
}

func TestWriterErrors(t *testing.T) {
	for left := range 19 {
		w := NewWriter(&failingWriter{left: left})
		if err := w.Write([]byte("abc")); err == nil || !strings.Contains(err.Error(), "record 0") ||
			!strings.Contains(err.Error(), "disk full") {
			t.Errorf("%d bytes free: %v", left, err)
		}
	}
	if err := NewWriter(io.Discard).Write(make([]byte, MaxRecord+1)); err == nil {
		t.Error("wrote a record over the limit")
	}
}

// Two damaged headers and a damaged record in one file: each is named, all else is read.
func TestRecoverFindsEveryDamage(t *testing.T) {
	var records [][]byte
	for i := range 30 {
		records = append(records, bytes.Repeat([]byte{byte(i)}, 7*i))
	}
	b := frame(t, records...)
	_, entries, _ := scanAll(file(b))
	b[entries[4].Offset+9] ^= 1               // length checksum
	b[entries[11].Offset] ^= 8                // length
	b[entries[20].Offset+headerSize+5] ^= 128 // data
	data, _, errs := scanAll(file(b))
	if len(errs) != 3 || len(data) != len(records)-3 {
		t.Fatalf("%d errors, %d records: %v", len(errs), len(data), errs)
	}
	for i, want := range []int{4, 11, 20} {
		var e *Error
		if !errors.As(errs[i], &e) || e.Record != want {
			t.Errorf("error %d: %v, want record %d", i, errs[i], want)
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add(frame(f, []byte("abc"), nil, []byte("defghi")))
	f.Add([]byte{})
	f.Add(make([]byte, 40))
	f.Fuzz(func(t *testing.T, b []byte) {
		data, _, errs := scanAll(file(b))
		if len(errs) > 0 {
			return
		}
		if again := frame(t, data...); !bytes.Equal(again, b) {
			t.Fatalf("read without an error, but written again it differs: %x, %x", b, again)
		}
		if read, err := readIndexed(file(b)); err != nil || len(read) != len(data) {
			t.Fatalf("a scan reads %d records, the index %d: %v", len(data), len(read), err)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	data := frame(b, slices.Repeat([][]byte{make([]byte, 50_000)}, 400)...)
	b.SetBytes(int64(len(data)))
	f := file(data)
	for b.Loop() {
		s := f.Scan()
		for {
			if _, err := s.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
