// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"fmt"
	"strings"

	"vsim/vsimlib/results"
)

// ParseVary reads "section.name=a,b,c".
func ParseVary(s string) (Along, error) {
	setting, list, ok := strings.Cut(s, "=")
	a := Along{Setting: strings.TrimSpace(setting)}
	if !ok || strings.TrimSpace(list) == "" {
		return a, fmt.Errorf("%q: want section.name=value,value,…, such as pretrain.epochs=1,2,4", s)
	}
	for value := range strings.SplitSeq(list, ",") {
		a.Values = append(a.Values, Value(strings.TrimSpace(value)))
	}
	return a, a.check()
}

// ParseCell reads "LABEL:section.name=value,section.name=value"; a label alone is a cell that is the base. A part between commas
// without an equals sign belongs to the value before it.
func ParseCell(s string) (Cell, error) {
	head, _, _ := strings.Cut(s, "=")
	c := Cell{Label: results.Label(s)}
	if colon := strings.LastIndex(head, ":"); colon >= 0 {
		c.Label = results.Label(s[:colon])
		for part := range strings.SplitSeq(s[colon+1:], ",") {
			if n := len(c.Set); !strings.Contains(part, "=") && n > 0 {
				c.Set[n-1] += "," + part
				continue
			}
			if part = strings.TrimSpace(part); part != "" {
				c.Set = append(c.Set, part)
			}
		}
	} else if head != s {
		return c, fmt.Errorf("%q: want LABEL:section.name=value", s)
	}
	if err := label(string(c.Label)); err != nil {
		return c, err
	}
	return c, settable(c.Set)
}
