// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"

	"vsim/vsimlib/text"
)

// svg adds to what gonum writes: a title for those who cannot see, fonts for those who lack Liberation, and the width of each text,
// which gonum has placed by that of Liberation.
func (d *Drawing) svg() ([]byte, error) {
	c := vgsvg.New(d.Width, d.Height)
	d.draw(c)
	var out bytes.Buffer
	if _, err := c.WriteTo(&out); err != nil {
		return nil, err
	}
	svg := withLengths(out.String())
	svg = strings.ReplaceAll(svg, "font-family:Liberation Sans;", "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;")
	start := strings.Index(svg, "<svg")
	end := strings.Index(svg[max(start, 0):], ">")
	if start < 0 || end < 0 {
		return nil, errors.New("the SVG has no head")
	}
	head := start + end + 1
	svg = svg[:head] + "\n<title>" + html.EscapeString(text.Clean(d.Alt)) + "</title>" + svg[head:]
	parts := strings.Split(svg, "\t") // gonum indents by tabs
	for i, part := range parts {
		parts[i] = text.CleanLines(part) // a label may have come from a file
	}
	return []byte(strings.Join(parts, "\t")), nil
}

var svgText = regexp.MustCompile(`<text ([^>]*font-family:Liberation Sans;[^>]*font-size:([0-9.]+)px[^>]*)>([^<]*)</text>`)

// withLengths gives each text of an SVG the width that it has in Liberation Sans, so that it is as wide in any font.
func withLengths(svg string) string {
	return svgText.ReplaceAllStringFunc(svg, func(element string) string {
		m := svgText.FindStringSubmatch(element)
		size, err := strconv.ParseFloat(m[2], 64)
		words := html.UnescapeString(m[3])
		if err != nil || words == "" {
			return element
		}
		face := plot.DefaultFont
		face.Typeface, face.Variant = "Liberation", "Sans"
		sized := font.DefaultCache.Lookup(face, vg.Length(size))
		width := sized.Width(words)
		return fmt.Sprintf(`<text textLength="%.5g" lengthAdjust="spacingAndGlyphs" %s>%s</text>`, float64(width), m[1], m[3])
	})
}
