// SPDX-License-Identifier: Apache-2.0

package schema

import "encoding/binary"

// Uniform reports whether all little-endian float16 values of a frame are equal, and whether they are all zero: such a frame says
// nothing of a picture, and one of zeros has no direction. Both are legal.
func Uniform(frame []byte) (equal, zero bool) {
	const sign = 0x8000
	if len(frame) < 2 {
		return false, false
	}
	first := binary.LittleEndian.Uint16(frame)
	zero = first&^sign == 0
	for i := 2; i < len(frame); i += 2 {
		value := binary.LittleEndian.Uint16(frame[i:])
		if value != first && !(zero && value&^sign == 0) {
			return false, false
		}
	}
	return true, zero
}
