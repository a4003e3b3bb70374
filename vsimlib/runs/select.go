// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"vsim/vsimlib/text"
)

// Condition is what a run must satisfy: KEY OP VALUE, such as val_spearman>0.6 or pretrain.epochs=10. Numbers are compared as
// numbers, all else as text. No run satisfies a condition on what it does not have.
type Condition struct {
	Key, Op string
	Values  []string // several only of = and !=
}

// operators, the longer ones first.
var operators = []string{"!=", ">=", "<=", "==", "=", ">", "<"}

// ParseCondition reads a condition.
func ParseCondition(s string) (Condition, error) {
	at := strings.IndexAny(s, "=!<>")
	for _, op := range operators {
		if at <= 0 || !strings.HasPrefix(s[at:], op) {
			continue
		}
		c := Condition{Key: strings.TrimSpace(s[:at]), Op: op, Values: []string{strings.TrimSpace(s[at+len(op):])}}
		if op == "==" {
			c.Op = "="
		}
		if c.Key == "" || c.Values[0] == "" {
			break
		}
		return c, nil
	}
	return Condition{}, fmt.Errorf("condition %q: want KEY=VALUE, or with !=, <, <=, > or >=, such as val_spearman>0.6", s)
}

// holds reports whether a run satisfies the condition.
func (c Condition) holds(r Run) bool {
	has := r.value(c.Key)
	if has == "" {
		return false
	}
	equal := slices.ContainsFunc(c.Values, func(v string) bool { return compare(has, v) == 0 })
	order := compare(has, c.Values[0])
	switch c.Op {
	case "=":
		return equal
	case "!=":
		return !equal
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// fits returns an error where the runs have numbers under the key, and the condition has none: as text, 10MB is below 9.
func (c Condition) fits(list []Run) error {
	numbers := false
	for _, r := range list {
		if has := r.value(c.Key); has != "" && c.Key != "dir" {
			if _, numbers = number(has); !numbers {
				return nil
			}
		}
	}
	for _, v := range c.Values {
		if _, ok := number(v); numbers && !ok {
			return fmt.Errorf("condition %s%s%s: %s is a number in these runs, %q is none", c.Key, c.Op, v, c.Key, v)
		}
	}
	return nil
}

// number reads a number, which NaN is not.
func number(s string) (v float64, ok bool) {
	v, err := text.Decimal(s)
	return v, err == nil && !math.IsNaN(v)
}

// compare compares two values as numbers where both are, else as text.
func compare(a, b string) int {
	x, isX := number(a)
	y, isY := number(b)
	if isX && isY {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a, b)
}

// Select leaves the runs that satisfy all conditions, in the order of a key: rising, with "-" before it falling, "" by directory.
// Runs that lack the key come last. A key that is unknown is an error, and so is a condition on numbers whose value is none.
func (l *Listing) Select(where []Condition, order string) error {
	key, falls := strings.CutPrefix(order, "-")
	key = cmp.Or(key, "dir")
	for _, c := range where {
		if err := cmp.Or(known(c.Key, l.Runs), c.fits(l.Runs)); err != nil {
			return err
		}
	}
	if err := known(key, l.Runs); err != nil {
		return err
	}
	l.Runs = slices.DeleteFunc(l.Runs, func(r Run) bool {
		return slices.ContainsFunc(where, func(c Condition) bool { return !c.holds(r) })
	})
	slices.SortStableFunc(l.Runs, func(a, b Run) int {
		x, y := a.value(key), b.value(key)
		switch {
		case x == "" || y == "":
			return -cmp.Compare(min(len(x), 1), min(len(y), 1))
		case falls:
			return compare(y, x)
		}
		return compare(x, y)
	})
	return nil
}
