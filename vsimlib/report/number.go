// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// Rounded writes four significant digits, four decimals below one so that columns line up, and no exponent for everyday sizes.
func Rounded(v float64) string {
	if small := math.Abs(v); small >= 1e-3 && small < 0.99995 {
		return strconv.FormatFloat(v, 'f', 4, 64)
	}
	short := strconv.FormatFloat(v, 'g', 4, 64)
	if f, err := strconv.ParseFloat(short, 64); err == nil && strings.Contains(short, "e") && f >= 1e3 && f < 1e9 {
		return text.Thousands(int64(f))
	}
	return short
}

// Difference says how far above or below something a score is.
func Difference(d float64) string {
	switch far := fmt.Sprintf("%.3f", math.Abs(d)); {
	case far == "0.000":
		return "within 0.0005 of"
	case d > 0:
		return far + " above"
	default:
		return far + " below"
	}
}

// correlation writes a correlation with four decimals.
func correlation(v float64) string { return fmt.Sprintf("%.4f", v) }

// Signed writes a difference of two correlations, with a minus sign as typeset.
func Signed(v float64) string { return text.Minus(fmt.Sprintf("%+.4f", v)) }

// bounds writes the interval of a difference.
func bounds(low, high float64) string { return "[" + Signed(low) + ", " + Signed(high) + "]" }

func boundsOf(e *results.Estimate) string { return bounds(e.Low, e.High) }

// WithBounds writes a difference and its interval.
func WithBounds(e *results.Estimate) string { return Signed(e.Mean) + " " + boundsOf(e) }

// probability writes a p-value with three decimals, or four where three would hide that it is below Alpha; "" where there is none.
func probability(p *float64) string {
	switch {
	case p == nil:
		return ""
	case *p < .001:
		return "< 0.001"
	case *p < results.Alpha && *p >= results.Alpha-.0005:
		return fmt.Sprintf("%.4f", *p)
	}
	return fmt.Sprintf("%.3f", *p)
}

// optional writes a correlation that may be missing.
func optional(v *float64) string {
	if v == nil {
		return ""
	}
	return correlation(*v)
}
