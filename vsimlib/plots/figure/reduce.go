// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
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
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, img)
	return out.Bytes(), err
}

// commonColors are the colours that occur most in a picture. A drawing has a few, and steps from those to white along its edges.
func commonColors(img image.Image) color.Palette {
	area := img.Bounds()
	counts := map[color.RGBA]int{}
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			counts[colorAt(img, x, y)]++
		}
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
	area := img.Bounds()
	out := image.NewPaletted(area, palette)
	nearest := map[color.RGBA]uint8{}
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			c := colorAt(img, x, y)
			at, known := nearest[c]
			if !known {
				at = uint8(palette.Index(c))
				nearest[c] = at
			}
			out.SetColorIndex(x, y, at)
		}
	}
	return out
}

func colorAt(img image.Image, x, y int) color.RGBA {
	return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
}
