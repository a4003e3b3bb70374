// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"testing"
)

func TestReduce(t *testing.T) {
	// A white picture with a ramp of more reds than a palette holds, one pixel each, and a block of one orange.
	img := image.NewRGBA(image.Rect(0, 0, 100, 100))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(10, 10, 20, 20), image.NewUniform(color.RGBA{230, 159, 0, 255}), image.Point{}, draw.Src)
	for i := range 300 {
		img.SetRGBA(i%100, 90+i/100, color.RGBA{255, uint8(i % 150), uint8(i % 128), 255})
	}
	got := reduce(img, commonColors(img))
	if len(got.Palette) != 256 {
		t.Errorf("%d colours", len(got.Palette))
	}
	for _, at := range []image.Point{{0, 0}, {15, 15}, {50, 50}} {
		if a, b := colorAt(img, at.X, at.Y), colorAt(got, at.X, at.Y); a != b {
			t.Errorf("at %v %v became %v", at, a, b)
		}
	}
	for i := range 300 {
		a, b := colorAt(img, i%100, 90+i/100), colorAt(got, i%100, 90+i/100)
		if d := max(int(a.G)-int(b.G), int(b.G)-int(a.G), int(a.B)-int(b.B), int(b.B)-int(a.B)); d > 24 {
			t.Errorf("the red %v became %v", a, b)
		}
	}
}

// TestScalesReadInGrey holds the colour scales to getting brighter, or darker, all the way.
func TestScalesReadInGrey(t *testing.T) {
	for name, scale := range map[string]func(v, low, high float64) color.Color{"shades": Shades, "blues": Blues} {
		rising := luminance(scale(1, 0, 1)) > luminance(scale(0, 0, 1))
		for i := range 20 {
			a, b := luminance(scale(float64(i)/20, 0, 1)), luminance(scale(float64(i+1)/20, 0, 1))
			if (b > a) != rising {
				t.Errorf("%s: from %.3f to %.3f at %d/20", name, a, b, i)
			}
		}
		if scale(7, 0, 1) != scale(1, 0, 1) || scale(-7, 0, 1) != scale(0, 0, 1) || scale(3, 1, 1) != scale(0, 0, 1) {
			t.Errorf("%s outside its range", name)
		}
	}
	if luminance(inkOn(color.Black)) != 1 || luminance(inkOn(color.White)) != 0 {
		t.Error("ink that cannot be read")
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{{0, 350, "0 100 200 300"}, {0.05, 0.152, "0.06 0.08 0.10 0.12 0.14"}, {-0.03, 1.03, "0.0 0.2 0.4 0.6 0.8 1.0"}, {2, 2, "2"}} {
		var labels []string
		for _, tick := range (linearTicks{}).Ticks(c.low, c.high) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("ticks of %g..%g: %s, want %s", c.low, c.high, got, c.want)
		}
	}
	var labels []string
	for _, tick := range (logTicks{}).Ticks(0.9, 30) {
		if tick.Label != "" {
			labels = append(labels, tick.Label)
		}
	}
	if got := strings.Join(labels, " "); got != "1 2 5 10 20" {
		t.Errorf("log ticks %s", got)
	}
}

// TestLookOfMany: 25 series have looks of their own, the first five those of LookOf.
func TestLookOfMany(t *testing.T) {
	seen := map[string]bool{}
	for i := range 25 {
		look := LookOfMany(i)
		if i < 5 && fmt.Sprint(look) != fmt.Sprint(LookOf(i)) {
			t.Errorf("series %d: %v", i, look)
		}
		seen[fmt.Sprintf("%v %v %T", look.Color, look.Dash, look.Mark)] = true
	}
	if len(seen) != 25 {
		t.Errorf("%d looks of 25 series", len(seen))
	}
}

// TestStem: a name with the extension of a figure's file is the name without it.
func TestStem(t *testing.T) {
	for name, want := range map[string]string{
		"curves": "curves", "curves.png": "curves", "a.b.svg": "a.b", "c.csv": "c", "v1.2": "v1.2"} {
		if got := Stem(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
