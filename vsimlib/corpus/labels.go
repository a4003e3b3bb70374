// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"fmt"

	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/lines"
)

// Pair is a line of label.tsv: two videos and how similar they are.
type Pair = schema.Pair

// ReadPairs reads a label file: id1 TAB id2 TAB score, no header. Repeated, reversed and self pairs stay in.
func ReadPairs(path string) ([]Pair, error) {
	if err := checkListedFile(path); err != nil {
		return nil, err
	}
	pairs, _, err := readPairs(path, path)
	return pairs, err
}

// readPairs also returns the position of every pair; name is the name of the file in errors.
func readPairs(path, name string) (pairs []Pair, at []lines.Position, err error) {
	var first *Problem
	err = scanPairs(path, name, func(p Pair, pos lines.Position) { pairs, at = append(pairs, p), append(at, pos) },
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
	return pairs, at, nil
}

// scanPairs calls good or bad for each line of a label file; bad returns false to stop.
func scanPairs(path, name string, good func(Pair, lines.Position), bad func(*Problem) bool) error {
	return scanLines(path, name, pairVisitor(name, good, bad))
}

// pairVisitor makes good and bad a visitor of lines.
func pairVisitor(name string, good func(Pair, lines.Position), bad func(*Problem) bool) lines.Visit {
	return func(line []byte, at lines.Position, reason string) bool {
		var p Pair
		if reason == "" {
			p, reason = schema.ParsePair(line)
		}
		if reason != "" {
			return bad(lineProblem(name, at, reason))
		}
		good(p, at)
		return true
	}
}

func lineProblem(name string, at lines.Position, reason string) *Problem {
	return &Problem{File: name, Offset: at.Offset, Line: at.Number, Reason: reason}
}

// scanLines calls visit for each line of a text file.
func scanLines(path, name string, visit lines.Visit) error {
	if err := lines.Scan(path, name, visit); err != nil {
		return fmt.Errorf("corpus: %w", err)
	}
	return nil
}
