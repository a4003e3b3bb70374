// SPDX-License-Identifier: Apache-2.0

package diagram

import (
	"fmt"
	"html"
	"strings"

	"vsim/vsimlib/text"
)

// Sizes of the drawing, in its own units; it is at most as many pixels wide.
const (
	width  = 880
	height = 676
	margin = 10
)

// Colours of Okabe and Ito's palette. Fills are pale, so that text has contrast on them on light and dark pages.
const (
	frameColor = "#0072B2"
	textColor  = "#E69F00"
	stateColor = "#7F7F7F"
	embedColor = "#009E73"
	lossColor  = "#CC79A7"
)

// picture is the elements of an SVG.
type picture struct{ strings.Builder }

// svg is the whole drawing, with its description.
func (p *picture) svg(alt string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="100%%" role="img" fill="currentColor" `+
		`style="max-width:%dpx;height:auto;font-family:system-ui,'Liberation Sans',Arial,sans-serif"><title>%s</title>`,
		width, height, width, html.EscapeString(text.Clean(alt))) + p.String() + "</svg>"
}

// frame is an empty box.
func (p *picture) frame(color string, x, y, w, h int) {
	fmt.Fprintf(p, `<rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="%s" fill-opacity="0.12" stroke="%s" stroke-width="1.5"/>`,
		x, y, w, h, color, color)
}

// behind draws what is visible of a box behind another one, which it sticks out of by a distance, to the right and above.
func (p *picture) behind(color string, x, y, w, h, by int) {
	fmt.Fprintf(p, `<path d="M%d %d q0 -7 7 -7 H%d q8 0 8 8 V%d q0 7 -7 7" fill="none" stroke="%s" stroke-width="1.5"/>`,
		x+by, y+7-by, x+w+by-8, y+h-by-7, color)
}

// box is a box with a title in bold and lines below it.
func (p *picture) box(color string, x, y, w, h int, title string, lines ...string) {
	p.frame(color, x, y, w, h)
	p.text(x, y, w, h, title, lines)
}

// text writes title and lines into the middle of a box.
func (p *picture) text(x, y, w, h int, title string, lines []string) {
	const step = 22
	first := y + h/2 - step*len(lines)/2 + 5
	fmt.Fprintf(p, `<text x="%d" y="%d" font-size="15" font-weight="600" text-anchor="middle">%s</text>`, x+w/2, first, label(title))
	for i, line := range lines {
		p.words(x+w/2, first+step*(i+1), 14, "middle", line)
	}
}

// words is a line of text.
func (p *picture) words(x, y, size int, anchor, s string) {
	fmt.Fprintf(p, `<text x="%d" y="%d" font-size="%d" text-anchor="%s">%s</text>`, x, y, size, anchor, label(s))
}

// label escapes text, and makes subscripts of what follows L_.
func label(s string) string {
	var out strings.Builder
	for i, word := range strings.Split(text.Clean(s), " ") {
		if i > 0 {
			out.WriteByte(' ')
		}
		name, ok := strings.CutPrefix(word, "L_")
		if !ok {
			out.WriteString(html.EscapeString(word))
			continue
		}
		fmt.Fprintf(&out, `L<tspan font-size="0.75em" dy="0.3em">%s</tspan><tspan dy="-0.225em">&#8203;</tspan>`, html.EscapeString(name))
	}
	return out.String()
}

// down is an arrow from one height to another.
func (p *picture) down(x, from, to int) {
	fmt.Fprintf(p, `<path d="M%d %d V%d" stroke="currentColor" stroke-width="1.5" fill="none"/>`, x, from+2, to-7)
	fmt.Fprintf(p, `<path d="M%d %d l-5 -8 h10 z"/>`, x, to-1)
}

// left is an arrow to the left.
func (p *picture) left(from, to, y int) {
	fmt.Fprintf(p, `<path d="M%d %d H%d" stroke="currentColor" stroke-width="1.5" fill="none"/>`, from-1, y, to+7)
	fmt.Fprintf(p, `<path d="M%d %d l8 -5 v10 z"/>`, to+1, y)
}

// part draws a part of the drawing, pale where it is off.
func (p *picture) part(off bool, draw func()) {
	if off {
		p.WriteString(`<g opacity="0.35">`)
		defer p.WriteString("</g>")
	}
	draw()
}

// cell is a part of the stream, with its share of the width.
type cell struct {
	color, words string
	share        int
}

// cells draws parts in a row, and the padding behind them.
func (p *picture) cells(x, y, w, h int, list []cell, padding string) {
	total := 0
	for _, c := range list {
		total += c.share
	}
	if padding != "" {
		list, total = append(list, cell{"", padding, 2}), total+2
	}
	from, shares := x, 0
	for _, c := range list {
		shares += c.share
		to := x + w*shares/total
		if c.color == "" {
			fmt.Fprintf(p, `<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="currentColor" stroke-dasharray="4 3" `+
				`stroke-opacity="0.6"/>`, from+2, y, to-from-4, h)
		} else {
			fmt.Fprintf(p, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s" fill-opacity="0.25" stroke="%s"/>`, from+2, y, to-from-4, h,
				c.color, c.color)
		}
		p.words((from+to)/2, y+h/2+5, 14, "middle", c.words)
		from = to
	}
}
