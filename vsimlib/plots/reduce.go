// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"slices"
)

// encode writes a picture as a small PNG: the same bytes for the same picture.
func encode(img image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, reduce(img))
	return out.Bytes(), err
}

// reduce brings a picture down to a palette of 256 colours, which makes its file a third as large: drawings have a few
// colours, and steps from those to white along their edges. The colours that occur most stay as they are, the others go
// to the nearest of them.
func reduce(img image.Image) image.Image {
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
	for _, c := range order[:min(len(order), 256)] {
		palette = append(palette, c)
	}
	places := map[color.RGBA]uint8{}
	for _, c := range order {
		places[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(area, palette)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			out.SetColorIndex(x, y, places[colorAt(img, x, y)])
		}
	}
	return out
}

func colorAt(img image.Image, x, y int) color.RGBA {
	return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
}
