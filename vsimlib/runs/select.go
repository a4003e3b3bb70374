// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
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

// compare compares two values as numbers where both are, else as text.
func compare(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a, b)
}

// Select leaves the runs that satisfy all conditions, in the order of a key: rising, with "-" before it falling, "" by directory.
// Runs that lack the key come last. A key that is unknown is an error.
func (l *Listing) Select(where []Condition, order string) error {
	key, falls := strings.CutPrefix(order, "-")
	key = cmp.Or(key, "dir")
	for _, c := range where {
		if err := known(c.Key, l.Runs); err != nil {
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
