// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"fmt"
	"strings"

	"vsim/vsimlib/corpus/gloss"
	"vsim/vsimlib/results"
)

// Sizes of the sheet of disputed pairs, in pixels.
const (
	pairWidth   = 152
	pairHeight  = 156
	pairPicture = 70
)

// Dispute draws the pairs on which title and frames disagree: row A has those similar by title, row B those similar by frames.
func Dispute(d results.Dispute, model string, corpusDir string) Sheet {
	columns := 0
	for _, p := range d.Shown {
		columns = max(columns, column(p)+1)
	}
	return Sheet{
		corpus: corpusDir, layout: func(c *canvas) { drawDispute(c, d.Shown, sheetMargin+columns*pairWidth) }, font: 11,
		width: sheetMargin + columns*pairWidth, height: 2 * (sheetHead + pairHeight),
		alt: disputeWords(d.Shown, model), rows: disputeRows(d.Shown),
	}
}

// column is the index of a pair in its row: 0 for A1.
func column(p results.DisputedPair) int { return int(p.Pair[1] - '1') }

func drawDispute(c *canvas, list []results.DisputedPair, width int) {
	corner := func(p results.DisputedPair) (left, top int) {
		return sheetMargin + column(p)*pairWidth, int(p.Pair[0]-'A')*(sheetHead+pairHeight) + sheetHead
	}
	c.write(width/2, sheetHead/2, "A: alike by title, unlike by frames")
	c.write(width/2, sheetHead+pairHeight+sheetHead/2, "B: alike by frames, unlike by title")
	for _, p := range list {
		left, top := corner(p)
		c.write(left+pairWidth/2, top+pairPicture+12, fmt.Sprintf("%s: label %.2f, cosine %.2f", p.Pair, p.Label, p.Both))
		c.write(left+pairWidth/2, top+pairPicture+28, fmt.Sprintf("title %.2f, frames %.2f", p.Title, p.Frames))
		for side, name := range p.English {
			c.write(left+pairWidth/2, top+pairPicture+44+14*side, c.cut(name, pairWidth-4))
		}
	}
	for _, p := range list {
		left, top := corner(p)
		for side, id := range p.IDs {
			c.picture(left+pairWidth/2-pairPicture-1+side*(pairPicture+2), top, pairPicture, id)
		}
	}
}

func disputeWords(list []results.DisputedPair, model string) string {
	var pairs []string
	for _, p := range list {
		pairs = append(pairs, fmt.Sprintf("%s %s and %s, label %.2f, by title %.2f, by frames %.2f", p.Pair,
			gloss.Beside(p.First, p.English[0]), gloss.Beside(p.Second, p.English[1]), p.Label, p.Title, p.Frames))
	}
	return fmt.Sprintf("Pairs of which title and frames say different things to %s: %s.", model, strings.Join(pairs, "; "))
}

func disputeRows(list []results.DisputedPair) [][]string {
	rows := [][]string{{"pair", "first", "second", "label", "cosine", "cosine_title", "cosine_frames"}}
	for _, p := range list {
		rows = append(rows, []string{p.Pair, p.First, p.Second, fmt.Sprint(p.Label), fmt.Sprint(p.Both), fmt.Sprint(p.Title),
			fmt.Sprint(p.Frames)})
	}
	return rows
}
