// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestHTML: a picture of 20 pixels at twice CSS's density is 10 wide on a page; its description is alt text and begins the caption.
func TestHTML(t *testing.T) {
	data, err := Encode(image.NewGray(image.Rect(0, 0, 20, 8)), color.Palette{color.Black})
	if err != nil {
		t.Fatal(err)
	}
	dense := withDensity(data, dpi)
	if decoded, err := png.Decode(bytes.NewReader(dense)); err != nil || decoded.Bounds().Dx() != 20 {
		t.Fatalf("with its density: %v", err)
	}
	got := HTML(dense, `Scores of "a" & b. Seed 1: 0.5.`)
	for _, want := range []string{`alt="Scores of &#34;a&#34; &amp; b. Seed 1: 0.5."`, ` width="10"`,
		"<figcaption>Scores of &#34;a&#34; &amp; b.</figcaption>", base64.StdEncoding.EncodeToString(dense)} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
	if got := HTML(data, "One sentence"); strings.Contains(got, " width=") || !strings.Contains(got, "<figcaption>One sentence<") {
		t.Errorf("without a density %s", got)
	}
}

// TestTextLengths: an SVG's text has the width of Liberation Sans: 10 zeros of 0.556 em each at 9 points.
func TestTextLengths(t *testing.T) {
	svg := withLengths(`<text x="1" style="font-family:Liberation Sans;font-size:9px">0000000000</text><text>other</text>`)
	m := regexp.MustCompile(`textLength="([0-9.]+)"`).FindAllStringSubmatch(svg, -1)
	if len(m) != 1 {
		t.Fatalf("%s", svg)
	}
	if width, err := strconv.ParseFloat(m[0][1], 64); err != nil || math.Abs(width-50.05) > .3 {
		t.Errorf("width %s, want about 50.05 (%v)", m[0][1], err)
	}
}
