// SPDX-License-Identifier: Apache-2.0

package safetensors

import (
	"math"
	"testing"
)

// TestHalfEveryValue sends every binary16 to float32 and back, and rounds the neighbourhood of every midpoint.
func TestHalfEveryValue(t *testing.T) {
	for h := range 1 << 16 {
		f := HalfToFloat32(uint16(h))
		if want := halfByDefinition(uint16(h)); float64(f) != want && !(math.IsNaN(want) && f != f) {
			t.Fatalf("%#04x is %v, want %v", h, f, want)
		}
		if back := Float32ToHalf(f); f == f && back != uint16(h) {
			t.Fatalf("%#04x went to %v and back to %#04x", h, f, back)
		}
		if h >= 0x7C00 { // infinite, not a number, or negative
			continue
		}
		// Between h and its successor: below, at and above the middle. The successor of the largest is 2^16, infinity here.
		next := float64(HalfToFloat32(uint16(h + 1)))
		if h == 0x7BFF {
			next = 1 << 16
		}
		middle := float32((float64(f) + next) / 2)
		even := uint16(h + h&1)
		for _, c := range []struct {
			in   float32
			want uint16
		}{
			{math.Nextafter32(middle, 0), uint16(h)}, {middle, even}, {math.Nextafter32(middle, 1e9), uint16(h + 1)},
		} {
			if got := Float32ToHalf(c.in); got != c.want {
				t.Fatalf("%v rounds to %#04x, want %#04x", c.in, got, c.want)
			}
			if got := Float32ToHalf(-c.in); got != c.want|0x8000 {
				t.Fatalf("%v rounds to %#04x, want %#04x", -c.in, got, c.want|0x8000)
			}
		}
	}
	if got := Float32ToHalf(float32(math.NaN())); got&0x7C00 != 0x7C00 || got&0x3FF == 0 {
		t.Errorf("NaN became %#04x", got)
	}
	if got := Float32ToHalf(math.MaxFloat32); got != 0x7C00 {
		t.Errorf("the largest float32 became %#04x", got)
	}
}

func halfByDefinition(h uint16) float64 {
	sign := 1 - 2*float64(h>>15)
	exponent, fraction := int(h>>10)&0x1F, float64(h&0x3FF)
	switch {
	case exponent == 0x1F && fraction != 0:
		return math.NaN()
	case exponent == 0x1F:
		return math.Inf(int(sign))
	case exponent == 0:
		return sign * math.Ldexp(fraction, -24)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}
