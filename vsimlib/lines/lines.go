// SPDX-License-Identifier: Apache-2.0

// Package lines reads the lines of text files with their positions, and says what is wrong with one.
package lines

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"vsim/vsimlib/filetype"
)

// Position is where a line begins.
type Position struct {
	Offset int64 // in bytes
	Number int   // from 1
}

// Visit is called for a line, without its end, and returns false to stop. A line that is too long comes empty and with a reason,
// and so does the first line of a file that is no text, which is then the only one; reason is "" for a good line.
type Visit func(line []byte, at Position, reason string) bool

// MaxLength bounds a line, in bytes.
const MaxLength = 4096

// Scan calls visit for each line of the file at path; name is the name of the file in errors.
func Scan(path, name string, visit Visit) error {
	f, err := filetype.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return Each(f, name, visit)
}

// Each calls visit for each line of in, the file of that name. Blank lines at its end are none.
func Each(in io.Reader, name string, visit Visit) error {
	r := bufio.NewReaderSize(in, 1<<16)
	prefix, _ := r.Peek(filetype.Prefix) // an error comes again below
	kind := filetype.LooksLike(prefix)
	if kind != "" && kind != filetype.Empty && kind != filetype.ByteOrder {
		visit(nil, Position{Number: 1}, "cannot be read"+filetype.Hint(prefix))
		return nil
	}
	var blank pending
	var at Position
	for {
		at.Number++
		line, n, err := readLine(r)
		if err != nil && err != io.EOF {
			return fmt.Errorf("%s:%d: %w", name, at.Number, err)
		}
		reason := ""
		switch {
		case n > MaxLength:
			line, reason = nil, fmt.Sprintf("a line of %d bytes, at most %d are expected", n, MaxLength)
		case at.Number == 1 && kind == filetype.ByteOrder:
			line, reason = nil, "starts with a byte order mark; save the file as UTF-8 without one"
		}
		switch {
		case n > 0 && reason == "" && len(bytes.TrimSpace(line)) == 0:
			if !blank.add(line, at, visit) {
				return nil
			}
		case n > 0:
			if !blank.flush(0, visit) || !visit(line, at, reason) {
				return nil
			}
		}
		at.Offset += int64(n)
		if err == io.EOF {
			return nil
		}
	}
}

// pending are blank lines that may be the last ones: no other line has been read after them.
type pending []blankLine

type blankLine struct {
	text string
	at   Position
}

// MaxBlank is the number of blank lines that may end a file: blank lines without end take no memory. More of them are lines of it.
const MaxBlank = 64

// add takes one more, and visits the first where there are too many.
func (p *pending) add(line []byte, at Position, visit Visit) bool {
	*p = append(*p, blankLine{string(line), at})
	return p.flush(MaxBlank, visit)
}

// flush visits all but the last few; false means to stop.
func (p *pending) flush(left int, visit Visit) bool {
	for len(*p) > left {
		first := (*p)[0]
		*p = (*p)[1:]
		if !visit([]byte(first.text), first.at, "") {
			return false
		}
	}
	return true
}

// readLine gives the next line without its "\n" or "\r\n" and its length with it; of a line longer than r's buffer only the length
// is right.
func readLine(r *bufio.Reader) (line []byte, n int, err error) {
	for {
		part, err := r.ReadSlice('\n')
		n += len(part)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		part = bytes.TrimSuffix(part, []byte{'\n'})
		return bytes.TrimSuffix(part, []byte{'\r'}), n, err
	}
}
