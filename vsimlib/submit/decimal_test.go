// SPDX-License-Identifier: Apache-2.0

package submit

import (
	"encoding/json"
	"testing"

	"vsim/vsimlib/half"
)

// TestDecimal: every finite float16 has a text of at most five digits that JSON reads back, as float32 and as float64.
func TestDecimal(t *testing.T) {
	for bits := range 1 << 16 {
		h := uint16(bits)
		if !half.Finite(h) {
			continue
		}
		s := decimal(h)
		var wide float64
		var narrow float32
		if err := json.Unmarshal([]byte(s), &wide); err != nil {
			t.Fatalf("%04x: %q: %v", bits, s, err)
		}
		if err := json.Unmarshal([]byte(s), &narrow); err != nil {
			t.Fatalf("%04x: %q: %v", bits, s, err)
		}
		if half.FromFloat64(wide) != h || half.FromFloat32(narrow) != h {
			t.Fatalf("%04x: %q reads back as %04x, %04x", bits, s, half.FromFloat64(wide), half.FromFloat32(narrow))
		}
		digits := 0
		for _, c := range s {
			if c == 'e' {
				break
			}
			if c >= '1' && c <= '9' || c == '0' && digits > 0 {
				digits++
			}
		}
		if digits > 6 { // five and the zero of a trailing ".0"
			t.Fatalf("%04x: %q has %d digits", bits, s, digits)
		}
	}
	for h, want := range map[uint16]string{0: "0.0", 0x8000: "-0.0", 0x3c00: "1.0", 0x2e66: "0.1", 0xb555: "-0.3333", 1: "6e-08",
		0x7bff: "6.55e+04", 0x6800: "2048.0"} {
		if got := decimal(h); got != want {
			t.Errorf("%04x: %s, want %s", h, got, want)
		}
	}
}
