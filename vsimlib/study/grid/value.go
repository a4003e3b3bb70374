// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"vsim/vsimlib/text"
)

// Value is a value of a setting, as it is written behind the equals sign. In JSON it is a number, true, false, null or a text.
type Value string

// maxExact is above which a whole number is written with an exponent.
const maxExact = 1e15

// ValueOf is the value of a Go constant: a number, a text or a truth.
func ValueOf(v any) (Value, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case string:
		return Value(v), nil
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, bool:
		return Value(fmt.Sprint(v)), nil
	case float32:
		return number(float64(v)), nil
	case float64:
		return number(v), nil
	}
	return "", fmt.Errorf("%v is of type %T, want a number, a text, true or false", v, v)
}

// number writes a number as other settings of studies are: whole ones without a point.
func number(v float64) Value {
	if v == math.Trunc(v) && math.Abs(v) < maxExact {
		return Value(strconv.FormatFloat(v, 'f', -1, 64))
	}
	return Value(strconv.FormatFloat(v, 'g', -1, 64))
}

// tidy writes a number in one way, so that 10, 10.0 and 1e1 are one value.
func (v Value) tidy() Value {
	trimmed := strings.TrimSpace(string(v))
	if x, err := text.Decimal(trimmed); err == nil && strings.ContainsAny(trimmed, ".eE") && !math.IsInf(x, 0) && !math.IsNaN(x) {
		return number(x)
	}
	return Value(trimmed)
}

// infinite reports whether the value is written as a number that is none, or infinite.
func (v Value) infinite() bool {
	x, err := strconv.ParseFloat(string(v), 64)
	return math.IsNaN(x) || math.IsInf(x, 0) && (err == nil || strings.ContainsAny(string(v), "eE"))
}

// MarshalJSON writes the value in its own kind.
func (v Value) MarshalJSON() ([]byte, error) {
	trimmed := strings.TrimSpace(string(v))
	if isList := strings.HasPrefix(trimmed, "[") || strings.HasPrefix(trimmed, "{"); !isList && json.Valid([]byte(trimmed)) {
		return []byte(trimmed), nil
	}
	return json.Marshal(string(v))
}

// UnmarshalJSON reads a number, a truth, null or a text.
func (v *Value) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*v = Value(s)
	case '[', '{':
		return fmt.Errorf("%s is no value of a setting; write a list as a text, such as \"1,2\"", data)
	default:
		*v = Value(data)
	}
	return nil
}
