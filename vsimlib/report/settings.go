// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strconv"
	"strings"
)

// longest is how many characters a number of a setting may have before it is rounded.
const longest = 8

// shortSettings lists a cell's settings, long numbers with four digits: pretrain.weight_mfm=0.05556.
func shortSettings(settings []string) string {
	var list []string
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		if v, err := strconv.ParseFloat(value, 64); err == nil && len(value) > longest {
			s = name + "=" + strconv.FormatFloat(v, 'g', 4, 64)
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}
