// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"vsim/vsimlib/filetype"
)

// Pair is a line of label.tsv: two videos and how similar they are, from 0 to 1.
type Pair struct {
	A, B  int64
	Score float64
}

// linePos is the position of a line in a text file.
type linePos struct {
	offset int64
	number int // from 1
}

// maxLine bounds a line of a text file of a corpus; a longer one is no label, tag or word.
const maxLine = 4096

// ReadPairs reads a label file: id1 TAB id2 TAB score, no header. Repeated, reversed and self pairs stay in.
func ReadPairs(path string) ([]Pair, error) {
	pairs, _, err := readPairs(path, path)
	return pairs, err
}

// readPairs also returns the position of every pair; name is the name of the file in errors.
func readPairs(path, name string) (pairs []Pair, lines []linePos, err error) {
	var first *Problem
	err = scanPairs(path, name, func(p Pair, at linePos) { pairs, lines = append(pairs, p), append(lines, at) },
		func(p *Problem) bool {
			first = p
			return false
		})
	if err != nil {
		return nil, nil, err
	}
	if first != nil {
		return nil, nil, first
	}
	if len(pairs) == 0 {
		return nil, nil, &Problem{File: name, Reason: "no pairs"}
	}
	return pairs, lines, nil
}

// scanPairs hands each line of a label file to good or bad; bad returns false to stop.
func scanPairs(path, name string, good func(Pair, linePos), bad func(*Problem) bool) error {
	return scanLines(path, name, pairVisitor(name, good, bad))
}

// pairVisitor makes good and bad a visitor of lines.
func pairVisitor(name string, good func(Pair, linePos), bad func(*Problem) bool) func([]byte, linePos, string) bool {
	return func(line []byte, at linePos, reason string) bool {
		var p Pair
		if reason == "" {
			p, reason = parsePair(line)
		}
		if reason != "" {
			return bad(lineProblem(name, at, reason))
		}
		good(p, at)
		return true
	}
}

func lineProblem(name string, at linePos, reason string) *Problem {
	return &Problem{File: name, Offset: at.offset, Line: at.number, Reason: reason}
}

// parsePair takes a line apart and says what is wrong with it, "" if nothing is.
func parsePair(line []byte) (p Pair, reason string) {
	if n := bytes.Count(line, []byte{'\t'}) + 1; n != 3 {
		return p, fmt.Sprintf("%d columns, want 3 (id1 TAB id2 TAB score)", n)
	}
	a, rest, _ := bytes.Cut(line, []byte{'\t'})
	b, score, _ := bytes.Cut(rest, []byte{'\t'})
	var ok bool
	if p.A, ok = parseID(a); !ok {
		return p, fmt.Sprintf("id1 %s is not the ASCII decimal of an int63", quote(a))
	}
	if p.B, ok = parseID(b); !ok {
		return p, fmt.Sprintf("id2 %s is not the ASCII decimal of an int63", quote(b))
	}
	var err error
	if p.Score, err = strconv.ParseFloat(string(score), 64); errors.Is(err, strconv.ErrSyntax) {
		return p, fmt.Sprintf("score %s is not a number", quote(score))
	}
	if !(p.Score >= 0 && p.Score <= 1) { // so that NaN is refused too
		return p, fmt.Sprintf("score %s is outside [0,1]", score)
	}
	return p, ""
}

// scanLines hands each line of a file to visit.
func scanLines(path, name string, visit func(line []byte, at linePos, reason string) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("corpus: %w", err)
	}
	defer f.Close()
	return eachLine(f, name, visit)
}

// eachLine hands each line, without its end, to visit, which returns false to stop. A line that is too long comes empty and with a
// reason, and so does the first line of a file that is no text at all, which is then the only one. Blank lines at the end of the
// file are none.
func eachLine(in io.Reader, name string, visit func(line []byte, at linePos, reason string) bool) error {
	r := bufio.NewReaderSize(in, 1<<16)
	prefix, _ := r.Peek(filetype.Prefix) // an error comes again below
	kind := filetype.LooksLike(prefix)
	if kind != "" && kind != filetype.Empty && kind != filetype.ByteOrder {
		visit(nil, linePos{number: 1}, "cannot be read"+filetype.Hint(prefix))
		return nil
	}
	var blank pending
	var at linePos
	for {
		at.number++
		line, n, err := readLine(r)
		if err != nil && err != io.EOF {
			return fmt.Errorf("corpus: %s:%d: %w", name, at.number, err)
		}
		reason := ""
		switch {
		case n > maxLine:
			line, reason = nil, fmt.Sprintf("a line of %d bytes, at most %d are expected", n, maxLine)
		case at.number == 1 && kind == filetype.ByteOrder:
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
		at.offset += int64(n)
		if err == io.EOF {
			return nil
		}
	}
}

// pending are blank lines that may be the last ones: no other line has been read after them.
type pending []blankLine

type blankLine struct {
	text string
	at   linePos
}

// maxPending bounds them: blank lines without end take no memory. More of them at the end of a file are lines of it.
const maxPending = 64

// add takes one more, and hands the first to visit where there are too many.
func (p *pending) add(line []byte, at linePos, visit func([]byte, linePos, string) bool) bool {
	*p = append(*p, blankLine{string(line), at})
	return p.flush(maxPending, visit)
}

// flush hands all but the last few to visit; false means to stop.
func (p *pending) flush(left int, visit func([]byte, linePos, string) bool) bool {
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
