// SPDX-License-Identifier: Apache-2.0

package submit

import (
	"math"
	"strconv"
	"strings"
)

// half is an IEEE 754 binary16 number: sign, 5 bits of exponent, 10 bits of fraction.
type half uint16

const infinite half = 0x7c00

// toHalf rounds x to the nearest half, to the even one where two are equally near, as numpy's astype(float16) does:
// from 65520 on to infinity, below 2^-25 to zero. NaN stays NaN.
func toHalf(x float64) half {
	sign := half(0)
	if math.Signbit(x) {
		sign, x = 0x8000, -x
	}
	switch {
	case math.IsNaN(x):
		return sign | 0x7e00
	case x == 0: // has no exponent
		return sign
	case x >= 65520: // half-way between the largest half, 65504, and the next power of two
		return sign | infinite
	}
	// The spacing of halves at x: 2^(e-10) with e the exponent of x, but no finer than 2^-24.
	_, e := math.Frexp(x) // x = m·2^e, m in [½,1)
	exponent := max(e-1, -14)
	// Scaling by a power of two is exact, so that only RoundToEven rounds; float64 holds every float32 exactly.
	n := half(math.RoundToEven(math.Ldexp(x, 10-exponent)))
	// n counts spacings. A normal number's leading 1 (n ≥ 1024) carries into the exponent field, also where rounding
	// reached the next power of two.
	return sign | (half(exponent+14)<<10 + n)
}

// float is the value of h, which float32 and float64 hold exactly.
func (h half) float() float64 {
	exponent, n := int(h>>10&31), float64(h&1023)
	x := 0.
	switch {
	case exponent == 31 && n > 0:
		return math.NaN()
	case exponent == 31:
		x = math.Inf(1)
	case exponent == 0:
		x = math.Ldexp(n, -24)
	default:
		x = math.Ldexp(n+1024, exponent-25)
	}
	if h&0x8000 != 0 {
		return math.Copysign(x, -1)
	}
	return x
}

// text is the decimal of fewest digits that reads back as h, through float32 or float64, with at least one place after
// the point so that readers take it for a float.
func (h half) text() string {
	value := h.float()
	for digits := 1; ; digits++ {
		s := strconv.FormatFloat(value, 'g', digits, 64)
		back, err := strconv.ParseFloat(s, 64)
		// Five digits tell any two halves apart; float64's seventeen end the loop whatever h is.
		if digits < 17 && (err != nil || toHalf(back) != h || toHalf(float64(float32(back))) != h) {
			continue
		}
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return s
	}
}
