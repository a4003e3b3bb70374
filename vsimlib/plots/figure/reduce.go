// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"iter"
	"maps"
	"slices"
)

// MaxColors is the size of a palette.
const MaxColors = 256

// encode writes a picture as a small PNG: the same bytes for the same picture.
func encode(img image.Image) ([]byte, error) { return Encode(img, commonColors(img)) }

// Encode writes a picture as a PNG with a palette, which makes its file a third as large; without one it has its full colours.
func Encode(img image.Image, palette color.Palette) ([]byte, error) {
	if palette != nil {
		img = reduce(img, palette)
	}
	var out bytes.Buffer
	err := png.Encode(&out, img) // the best compression takes ten times as long, for a tenth of the file
	return out.Bytes(), err
}

// commonColors are the colours that occur most in a picture. A drawing has a few, and steps from those to white along its edges.
func commonColors(img image.Image) color.Palette {
	counts := map[color.RGBA]int{}
	for run := range runs(img) {
		counts[run.color] += run.length
	}
	order := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	var palette color.Palette
	for _, c := range order[:min(len(order), MaxColors)] {
		palette = append(palette, c)
	}
	return palette
}

// reduce brings every colour of a picture to the nearest one of a palette.
func reduce(img image.Image, palette color.Palette) *image.Paletted {
	out := image.NewPaletted(img.Bounds(), palette)
	nearest := map[color.RGBA]uint8{}
	for run := range runs(img) {
		at, known := nearest[run.color]
		if !known {
			at = uint8(palette.Index(run.color))
			nearest[run.color] = at
		}
		first := out.PixOffset(run.start.X, run.start.Y)
		for i := range run.length {
			out.Pix[first+i] = at
		}
	}
	return out
}

// run is a run of pixels of one colour in a row of a picture.
type run struct {
	color  color.RGBA
	start  image.Point
	length int
}

// runs are those of a picture, row by row. A drawing has long ones, so that few colours are looked up.
func runs(img image.Image) iter.Seq[run] {
	at := pixels(img)
	return func(yield func(run) bool) {
		area := img.Bounds()
		for y := area.Min.Y; y < area.Max.Y; y++ {
			for x := area.Min.X; x < area.Max.X; {
				r := run{color: at(x, y), start: image.Pt(x, y), length: 1}
				for x++; x < area.Max.X && at(x, y) == r.color; x++ {
					r.length++
				}
				if !yield(r) {
					return
				}
			}
		}
	}
}

// pixels returns the function that gives the colour of a pixel.
func pixels(img image.Image) func(x, y int) color.RGBA {
	if p, ok := img.(*image.RGBA); ok {
		return p.RGBAAt
	}
	return func(x, y int) color.RGBA { return colorAt(img, x, y) }
}

func colorAt(img image.Image, x, y int) color.RGBA {
	return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
}
