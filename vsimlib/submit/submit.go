// SPDX-License-Identifier: Apache-2.0

// Package submit writes what the competition's server took: result.zip with one file, result.json, that gives each
// video's id a list of at most 256 floats of float16 precision.
package submit

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strconv"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/half"
)

// MaxDim is the competition's limit of floats a video.
const MaxDim = 256

// Info says what Write wrote.
type Info struct {
	Videos int `json:"videos"`
	Dim    int `json:"dim"`
}

// Write writes the submission for all videos of records, in their order, at path, atomically. Every video must have an
// embedding in set, which may hold more. Values are rounded to float16, and a row that does not fit into it, or rounds to
// nothing but zeros, is an error. The same input gives the same bytes.
func Write(path string, set *embeddings.Set, records *corpus.Set) (Info, error) {
	rows, err := check(set, records)
	if err != nil {
		return Info{}, err
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { return encode(w, set, rows) }); err != nil {
		return Info{}, fmt.Errorf("submit: %w", err)
	}
	return Info{Videos: len(rows), Dim: set.Dim}, nil
}

// DoneBefore returns what Write did where the file at path has the bytes that it would write; else the error is
// embeddings.ErrDiffers.
func DoneBefore(path string, set *embeddings.Set, records *corpus.Set) (Info, error) {
	rows, err := check(set, records)
	if err != nil {
		return Info{}, err
	}
	want, got := sha256.New(), sha256.New()
	if err := encode(want, set, rows); err != nil {
		return Info{}, fmt.Errorf("submit: %w", err)
	}
	f, err := filetype.Open(path)
	if err != nil {
		return Info{}, fmt.Errorf("submit: %w", err)
	}
	defer f.Close()
	n, err := io.Copy(got, f)
	if err != nil {
		return Info{}, fmt.Errorf("submit: %s: %w", path, atomicfile.Cause(err))
	}
	if n == 0 {
		return Info{}, fmt.Errorf("%s: is %s and %w", path, filetype.Empty, embeddings.ErrDiffers)
	}
	if !bytes.Equal(want.Sum(nil), got.Sum(nil)) {
		return Info{}, fmt.Errorf("%s: is another submission and %w", path, embeddings.ErrDiffers)
	}
	return Info{Videos: len(rows), Dim: set.Dim}, nil
}

// check returns the row of set for every record, of a set that can be submitted.
func check(set *embeddings.Set, records *corpus.Set) ([]int, error) {
	if set.Dim > MaxDim {
		return nil, fmt.Errorf("submit: embeddings of %d floats, the competition takes at most %d; vsim ensemble --dim %d shortens "+
			"them",
			set.Dim, MaxDim, MaxDim)
	}
	rows, err := find(set, records)
	if err != nil {
		return nil, fmt.Errorf("submit: %w", err)
	}
	return rows, nil
}

// encode writes the archive.
func encode(w io.Writer, set *embeddings.Set, rows []int) error {
	archive := zip.NewWriter(w)
	file, err := archive.CreateHeader(&zip.FileHeader{Name: competition.ResultFile, Method: zip.Deflate})
	if err != nil {
		return err
	}
	if err := writeJSON(file, set, rows); err != nil {
		return err
	}
	return archive.Close()
}

// find returns the row of set for every record.
func find(set *embeddings.Set, records *corpus.Set) ([]int, error) {
	at, err := set.Index()
	if err != nil {
		return nil, err
	}
	rows := make([]int, records.Len())
	var missing []string
	for i := range rows {
		row, ok := at[records.ID(i)]
		if !ok {
			missing = append(missing, strconv.FormatInt(records.ID(i), 10))
		}
		rows[i] = row
	}
	if n := len(missing); n > 0 {
		more := ""
		if n > 5 {
			missing, more = missing[:5], ", …"
		}
		return nil, fmt.Errorf("%d of %d videos have no embedding: %s%s", n, len(rows), strings.Join(missing, ", "), more)
	}
	return rows, nil
}

// writeJSON writes {"id": [floats], …} for these rows.
func writeJSON(w io.Writer, set *embeddings.Set, rows []int) error {
	out := bufio.NewWriterSize(w, 1<<16)
	texts := map[uint16]string{} // few of the 65,536 float16 occur, each many times
	var line []byte
	for n, row := range rows {
		line = append(line[:0], ", "...)
		if n == 0 {
			line = append(line[:0], '{')
		}
		line = strconv.AppendQuote(line, strconv.FormatInt(set.IDs[row], 10))
		line = append(line, ": ["...)
		var err error
		if line, err = appendRow(line, set.Row(row), texts); err != nil {
			return fmt.Errorf("id %d: %w", set.IDs[row], err)
		}
		if _, err := out.Write(append(line, ']')); err != nil {
			return err
		}
	}
	if _, err := out.WriteString("}\n"); err != nil {
		return err
	}
	return out.Flush()
}

// appendRow appends the values of a row, rounded to float16.
func appendRow(line []byte, row []float32, texts map[uint16]string) ([]byte, error) {
	zero := true
	for j, v := range row {
		h := half.FromFloat32(v)
		if !half.Finite(h) {
			return nil, fmt.Errorf("value %d is %g, which float16 cannot hold", j+1, v)
		}
		zero = zero && h&0x7fff == 0
		text, ok := texts[h]
		if !ok {
			text = decimal(h)
			texts[h] = text
		}
		if j > 0 {
			line = append(line, ", "...)
		}
		line = append(line, text...)
	}
	if zero {
		return nil, fmt.Errorf("its %d values are all zero in float16", len(row))
	}
	return line, nil
}
