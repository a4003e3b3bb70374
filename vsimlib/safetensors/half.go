// SPDX-License-Identifier: Apache-2.0

package safetensors

import "math"

// HalfToFloat32 returns the value of an IEEE 754 binary16; every one has an exact float32.
func HalfToFloat32(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent, fraction := uint32(h>>10)&0x1F, uint32(h)&0x3FF
	switch exponent {
	case 0: // zero or subnormal: fraction · 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	case 0x1F: // infinity or NaN
		return math.Float32frombits(sign | 0xFF<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// Float32ToHalf rounds to the nearest binary16, ties to even; what is too large becomes infinite, a NaN stays one.
func Float32ToHalf(f float32) uint16 {
	bits := math.Float32bits(f)
	sign, magnitude := uint16(bits>>16)&0x8000, bits&0x7FFFFFFF
	switch {
	case magnitude > 0xFF<<23: // NaN, kept quiet and with its high bits
		return sign | 0x7E00 | uint16(magnitude>>13)&0x3FF
	case magnitude >= (127+16)<<23: // 2^16 and up
		return sign | 0x7C00
	case magnitude < (127-14)<<23:
		// Below the smallest normal number. Adding 1/2 puts the rounding position, 2^-24, at the last bit of the sum's
		// fraction, so the hardware rounds and the fraction is the answer.
		sum := math.Float32frombits(magnitude) + 0.5
		return sign | uint16(math.Float32bits(sum)-math.Float32bits(0.5))
	}
	odd := magnitude >> 13 & 1
	rounded := magnitude - (127-15)<<23 + 0xFFF + odd // may carry into the exponent, up to infinity
	return sign | uint16(rounded>>13)
}
