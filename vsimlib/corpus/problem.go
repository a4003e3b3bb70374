// SPDX-License-Identifier: Apache-2.0

package corpus

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

// recordProblem is a problem of the record at e.
func recordProblem(file string, e tfrecord.Entry, format string, args ...any) *Problem {
	number := e.Number
	return &Problem{File: file, Offset: e.Offset, Record: &number, Reason: fmt.Sprintf(format, args...)}
}

// framingProblem turns what package tfrecord says into a Problem of the file called name.
func framingProblem(name string, err error) *Problem {
	var e *tfrecord.Error
	if errors.As(err, &e) {
		return recordProblem(name, tfrecord.Entry{Number: e.Record, Offset: e.Offset}, "%s", e.Reason)
	}
	var packed *tfrecord.GzipError
	if errors.As(err, &packed) {
		return &Problem{File: name, Reason: packed.Reason}
	}
	return &Problem{File: name, Reason: err.Error()}
}
