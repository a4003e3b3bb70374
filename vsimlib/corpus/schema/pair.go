// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"

	"vsim/vsimlib/text"
)

// Pair is a line of label.tsv: two videos and how similar they are, from 0 to 1.
type Pair struct {
	A, B  int64
	Score float64
}

// Ends are the two videos of each pair.
func Ends(pairs []Pair) [][2]int64 {
	ids := make([][2]int64, len(pairs))
	for i, p := range pairs {
		ids[i] = [2]int64{p.A, p.B}
	}
	return ids
}

// Scores are the scores of pairs, as in label.tsv.
func Scores(pairs []Pair) []float64 {
	scores := make([]float64, len(pairs))
	for i, p := range pairs {
		scores[i] = p.Score
	}
	return scores
}

// ParsePair takes a line apart and says what is wrong with it, "" if nothing is.
func ParsePair(line []byte) (p Pair, reason string) {
	if n := bytes.Count(line, []byte{'\t'}) + 1; n != 3 {
		return p, fmt.Sprintf("%d columns, want 3 (id1 TAB id2 TAB score)", n)
	}
	a, rest, _ := bytes.Cut(line, []byte{'\t'})
	b, score, _ := bytes.Cut(rest, []byte{'\t'})
	var ok bool
	if p.A, ok = parseID(a); !ok {
		return p, fmt.Sprintf("id1 %s is not the ASCII decimal of an int63", text.Quote(a))
	}
	if p.B, ok = parseID(b); !ok {
		return p, fmt.Sprintf("id2 %s is not the ASCII decimal of an int63", text.Quote(b))
	}
	var err error
	if p.Score, err = text.Decimal(string(score)); errors.Is(err, strconv.ErrSyntax) {
		return p, fmt.Sprintf("score %s is not a number", text.Quote(score))
	}
	if !(p.Score >= 0 && p.Score <= 1) { // so that NaN is refused too
		return p, fmt.Sprintf("score %s is outside [0,1]", score)
	}
	return p, ""
}

// parseID reads the ASCII decimal of an int63, written as strconv writes it: no sign, no leading zeros.
func parseID(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 19 || (b[0] == '0' && len(b) > 1) {
		return 0, false
	}
	var id uint64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		id = 10*id + uint64(c-'0')
	}
	return int64(id), id <= math.MaxInt64
}
