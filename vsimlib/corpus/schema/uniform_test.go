// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"encoding/binary"
	"testing"
)

// TestUniform: zeros of either sign are zero, and one other value anywhere ends both.
func TestUniform(t *testing.T) {
	for _, c := range []struct {
		values      []uint16
		equal, zero bool
	}{
		{nil, false, false},
		{[]uint16{0}, true, true}, {[]uint16{0x3c00}, true, false},
		{[]uint16{0, 0x8000, 0}, true, true}, {[]uint16{0x3c00, 0x3c00, 0x3c00}, true, false},
		{[]uint16{0, 0, 1}, false, false}, {[]uint16{1, 0, 0}, false, false}, {[]uint16{0x3c00, 0xbc00}, false, false},
	} {
		var b []byte
		for _, v := range c.values {
			b = binary.LittleEndian.AppendUint16(b, v)
		}
		if equal, zero := Uniform(b); equal != c.equal || zero != c.zero {
			t.Errorf("%04x: %t, %t", c.values, equal, zero)
		}
	}
}
