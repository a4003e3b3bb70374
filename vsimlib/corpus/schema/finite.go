// SPDX-License-Identifier: Apache-2.0

package schema

import "encoding/binary"

// Finite reports whether little-endian float16 values are neither infinite nor NaN.
func Finite(frame []byte) bool { return notFinite(frame) < 0 }

// notFinite is the index of the first float16 whose exponent bits are all set, -1 if there is none.
func notFinite(b []byte) int {
	// Adding one to a full exponent, and to no other, carries into the sign. 32 values at a time.
	const exponent, one, carry = 0x7c007c007c007c00, 0x0400040004000400, 0x8000800080008000
	rest := b
	for ; len(rest) >= 64; rest = rest[64:] {
		c := rest[:64:64]
		x := binary.LittleEndian.Uint64(c)&exponent + one
		y := binary.LittleEndian.Uint64(c[8:])&exponent + one
		x |= binary.LittleEndian.Uint64(c[16:])&exponent + one
		y |= binary.LittleEndian.Uint64(c[24:])&exponent + one
		x |= binary.LittleEndian.Uint64(c[32:])&exponent + one
		y |= binary.LittleEndian.Uint64(c[40:])&exponent + one
		x |= binary.LittleEndian.Uint64(c[48:])&exponent + one
		y |= binary.LittleEndian.Uint64(c[56:])&exponent + one
		if (x|y)&carry != 0 {
			break
		}
	}
	for i := len(b) - len(rest); i < len(b); i += 2 {
		if binary.LittleEndian.Uint16(b[i:])&0x7c00 == 0x7c00 {
			return i / 2
		}
	}
	return -1
}
