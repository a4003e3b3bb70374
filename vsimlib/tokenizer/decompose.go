// SPDX-License-Identifier: Apache-2.0

package tokenizer

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Hangul syllables decompose by arithmetic (The Unicode Standard, section 3.12).
const (
	syllableBase  = 0xAC00
	syllableCount = 11172
	leadBase      = 0x1100
	vowelBase     = 0x1161
	trailBase     = 0x11A7
	vowelCount    = 21
	trailCount    = 28
)

// lateDecompositions came after Unicode 9, whose decompositions the reference has: one in Unicode 13, the rest in 16.
var lateDecompositions = &unicode.RangeTable{R32: []unicode.Range32{
	{Lo: 0x105C9, Hi: 0x105C9, Stride: 1}, {Lo: 0x105E4, Hi: 0x105E4, Stride: 1}, {Lo: 0x11383, Hi: 0x11391, Stride: 1},
	{Lo: 0x113C5, Hi: 0x113C8, Stride: 1}, {Lo: 0x11938, Hi: 0x11938, Stride: 1}, {Lo: 0x16121, Hi: 0x16128, Stride: 1},
	{Lo: 0x16D68, Hi: 0x16D6A, Stride: 1},
}}

// decompose returns the canonical decomposition (NFD) of Unicode 9. It is not norm.NFD.String, which knows later
// characters, and puts one of its own into a run of more than thirty marks, so that their order differs.
func decompose(runes []rune) []rune {
	out := make([]rune, 0, len(runes)+len(runes)/4)
	marks := false
	for _, r := range runes {
		switch {
		case r < 0xC0 || unicode.Is(lateDecompositions, r):
			out = append(out, r)
		case syllableBase <= r && r < syllableBase+syllableCount:
			syllable := r - syllableBase
			out = append(out, leadBase+syllable/(vowelCount*trailCount), vowelBase+syllable/trailCount%vowelCount)
			if trail := syllable % trailCount; trail != 0 {
				out = append(out, trailBase+trail)
			}
		default:
			p := properties(r)
			if parts := p.Decomposition(); parts != nil {
				out = append(out, []rune(string(parts))...)
			} else {
				out = append(out, r)
			}
			marks = marks || p.TrailCCC() != 0
		}
	}
	if marks {
		orderMarks(out)
	}
	return out
}

func properties(r rune) norm.Properties {
	var buffer [utf8.UTFMax]byte
	return norm.NFD.Properties(buffer[:utf8.EncodeRune(buffer[:], r)])
}

// orderMarks sorts each run of characters with a combining class above 0 by that class, keeping equals in order.
func orderMarks(runes []rune) {
	for i := 0; i < len(runes); i++ {
		start := i
		for i < len(runes) && combiningClass(runes[i]) != 0 {
			i++
		}
		if i-start > 1 {
			slices.SortStableFunc(runes[start:i], func(a, b rune) int { return combiningClass(a) - combiningClass(b) })
		}
	}
}

// combiningClass is that of Unicode 9. A class never changes once it is given, so it is enough to leave out the later
// characters, which are in neither table.
func combiningClass(r rune) int {
	if r < 0x300 || !unicode.Is(nonspacingMarks, r) && !unicode.Is(survivingMarks, r) {
		return 0
	}
	return int(properties(r).CCC())
}
