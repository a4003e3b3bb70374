// SPDX-License-Identifier: Apache-2.0

// Package half converts between float32 or float64 and IEEE 754 binary16 (float16), kept as its 16 bits. Frames of a corpus,
// weights of a model and the embeddings of a submission come in it.
//
// The arithmetic is that of github.com/x448/float16. (GoMLX's own float16 is not used: it rounds subnormal numbers otherwise
// than to the nearest.)
package half

import (
	"math"

	"github.com/x448/float16"
)

// Infinite has the bits of positive infinity, which are also all bits of the exponent.
const Infinite uint16 = 0x7c00

// Float32 returns the value of a float16; every one has an exact float32. A NaN stays one and becomes quiet.
func Float32(h uint16) float32 { return float16.Frombits(h).Float32() }

// FromFloat32 rounds to the nearest float16, ties to even, as numpy's astype(float16) does: from 65520 on to infinity, up to 2^-25
// to zero. A NaN stays one.
func FromFloat32(x float32) uint16 { return float16.Fromfloat32(x).Bits() }

// FromFloat64 rounds as FromFloat32 does, and once only: x goes through a float32 that is rounded to odd, so that no tie arises
// or vanishes on the way (Boldo and Melquiond 2008).
func FromFloat64(x float64) uint16 {
	narrow := float32(x)
	if wide := float64(narrow); wide != x && math.Float32bits(narrow)&1 == 0 && !math.IsNaN(x) {
		towards := math.Inf(1)
		if x < wide {
			towards = math.Inf(-1)
		}
		narrow = math.Nextafter32(narrow, float32(towards))
	}
	return FromFloat32(narrow)
}

// Finite reports whether h is neither infinite nor NaN.
func Finite(h uint16) bool { return h&Infinite != Infinite }
