// SPDX-License-Identifier: Apache-2.0

// Package fault has what is wrong with the records and lines of a corpus, and what of it is passed over.
package fault

import (
	"errors"
	"fmt"

	"vsim/vsimlib/tfrecord"
)

// Problem is one bad record or line: where it is and what is wrong. It is the error of the functions that stop at the first one.
type Problem struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`           // of the record's or the line's first byte
	Line   int    `json:"line,omitempty"`   // from 1, of a text file
	Record *int   `json:"record,omitempty"` // from 0, of a record file
	Reason string `json:"reason"`

	Skippable bool `json:"-"` // the record alone is bad, and can be passed over
	Gap       bool `json:"-"` // the length of the record is unreadable: it may be several
}

// Error puts the problem on one line.
func (p *Problem) Error() string {
	switch {
	case p.Record != nil:
		return fmt.Sprintf("corpus: %s: record %d at byte %d: %s", p.File, *p.Record, p.Offset, p.Reason)
	case p.Line > 0:
		return fmt.Sprintf("corpus: %s:%d: %s", p.File, p.Line, p.Reason)
	}
	return fmt.Sprintf("corpus: %s: %s", p.File, p.Reason)
}

// OfRecord is a problem of the record at e.
func OfRecord(file string, e tfrecord.Entry, format string, args ...any) *Problem {
	number := e.Number
	return &Problem{File: file, Offset: e.Offset, Record: &number, Reason: fmt.Sprintf(format, args...)}
}

// OfFraming turns what package tfrecord says into a Problem of the file called name.
func OfFraming(name string, err error) *Problem {
	var e *tfrecord.Error
	if errors.As(err, &e) {
		return OfRecord(name, tfrecord.Entry{Number: e.Record, Offset: e.Offset}, "%s", e.Reason)
	}
	var packed *tfrecord.GzipError
	if errors.As(err, &packed) {
		return &Problem{File: name, Reason: packed.Reason}
	}
	return &Problem{File: name, Reason: err.Error()}
}

// maxListed bounds the problems listed of one file; all are counted.
const maxListed = 100

// List is the list of one file's problems, of which the first are listed.
type List struct {
	Listed []*Problem
	Count  int
}

// Add notes a problem and asks for more.
func (l *List) Add(p *Problem) bool {
	if l.Count++; l.Count <= maxListed {
		l.Listed = append(l.Listed, p)
	}
	return true
}
