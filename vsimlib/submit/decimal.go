// SPDX-License-Identifier: Apache-2.0

package submit

import (
	"strconv"
	"strings"

	"vsim/vsimlib/half"
)

// decimal is the text of fewest digits that reads back as the float16 h, through float32 or float64, with at least one digit after
// the point so that readers take it for a float.
func decimal(h uint16) string {
	value := float64(half.Float32(h))
	for digits := 1; ; digits++ {
		s := strconv.FormatFloat(value, 'g', digits, 64)
		back, err := strconv.ParseFloat(s, 64)
		// Five digits distinguish any two float16; float64's seventeen end the loop whatever h is.
		if digits < 17 && (err != nil || half.FromFloat64(back) != h || half.FromFloat32(float32(back)) != h) {
			continue
		}
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return s
	}
}
