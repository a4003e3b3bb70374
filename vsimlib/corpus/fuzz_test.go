// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bytes"
	"slices"
	"strconv"
	"testing"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/lines"
)

// The pairs that are read, written with strconv, are read again; offsets and lines are those of the file.
func FuzzLabels(f *testing.F) {
	f.Add([]byte("1\t2\t0.5\n3\t4\t1"))
	f.Add([]byte("\r\n\n1\t2\t0.5\r\n"))
	f.Add([]byte("1\t2\tNaN\n"))
	f.Add([]byte("1\t2\t1\n \n\n"))
	f.Add([]byte("\x1f\x8b\x08\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		number := 0
		seen := func(at lines.Position) {
			number++
			if at.Number != number || at.Number != 1+bytes.Count(data[:at.Offset], []byte("\n")) ||
				(at.Offset > 0 && data[at.Offset-1] != '\n') {
				t.Fatalf("line %d is placed at %+v", number, at)
			}
		}
		var out []byte
		var pairs []Pair
		err := lines.Each(bytes.NewReader(data), "l", pairVisitor("l", func(p Pair, at lines.Position) {
			seen(at)
			if !(p.Score >= 0 && p.Score <= 1) || p.A < 0 || p.B < 0 {
				t.Fatalf("took %+v", p)
			}
			pairs = append(pairs, p)
			out = strconv.AppendFloat(append(strconv.AppendInt(append(strconv.AppendInt(out, p.A, 10), '\t'), p.B, 10), '\t'), p.Score, 'g',
				-1, 64)
			out = append(out, '\n')
		}, func(p *Problem) bool {
			seen(lines.Position{Offset: p.Offset, Number: p.Line})
			return true
		}))
		if want := visited(data); err != nil || number != want {
			t.Fatalf("%d lines, want %d, %v", number, want, err)
		}
		var again []Pair
		err = lines.Each(bytes.NewReader(out), "l", pairVisitor("l", func(p Pair, _ lines.Position) { again = append(again, p) },
			func(p *Problem) bool {
				t.Fatal(p)
				return false
			}))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "pairs", again, pairs)
	})
}

// visited is the number of lines of a label file that are good or bad: those before the blank ones at its end, of which at most
// MaxBlank are passed over, or the first alone where the file is no text.
func visited(data []byte) int {
	switch filetype.LooksLike(data[:min(len(data), filetype.Prefix)]) {
	case "", filetype.Empty, filetype.ByteOrder:
	default:
		return 1
	}
	all := slices.Collect(bytes.Lines(data))
	blank := 0
	for _, line := range slices.Backward(all) {
		if len(line) > lines.MaxLength || len(bytes.TrimSpace(line)) > 0 {
			break
		}
		blank++
	}
	return len(all) - min(blank, lines.MaxBlank)
}
