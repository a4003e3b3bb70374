// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// Of makes a table of a value: a struct or a map as names and values, a slice of structs as rows under the fields' names. The names
// are those of the fields' JSON; the entries of maps inside a struct are listed with its fields.
func Of(value any) (Table, error) {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct, reflect.Map:
		var t Table
		for _, f := range fieldsOf(v) {
			t.Rows = append(t.Rows, []Cell{{Text: f.name}, f.cell()})
		}
		return t, nil
	case reflect.Slice:
		return list(v)
	}
	return Table{}, fmt.Errorf("table: %T is neither a struct nor a map nor a slice of structs", value)
}

// list makes a table of a slice of structs.
func list(v reflect.Value) (Table, error) {
	if v.Len() == 0 {
		return Table{}, errors.New("table: no rows")
	}
	var rows [][]field
	for i := range v.Len() {
		item := v.Index(i)
		for item.Kind() == reflect.Pointer && !item.IsNil() {
			item = item.Elem()
		}
		if item.Kind() != reflect.Struct {
			return Table{}, fmt.Errorf("table: row %d is of type %s, want a struct", i+1, item.Type())
		}
		rows = append(rows, fieldsOf(item))
	}
	return tabled(rows), nil
}

// tabled makes a table of rows, of which some may lack fields: these cells are empty.
func tabled(rows [][]field) (t Table) {
	for _, row := range rows {
		at := 0 // behind the last field of the row that the header has
		for _, f := range row {
			if i := slices.Index(t.Header, f.name); i >= 0 {
				at = i + 1
				continue
			}
			t.Header = slices.Insert(t.Header, at, f.name)
			at++
		}
	}
	for _, row := range rows {
		cells := make([]Cell, len(t.Header))
		for _, f := range row {
			cells[slices.Index(t.Header, f.name)] = f.cell()
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// field is a named value.
type field struct {
	name  string
	value reflect.Value
}

// fieldsOf lists the fields of a struct or the entries of a map. As in JSON, the fields of an embedded struct are among them; so
// are the entries of maps inside it. Lists of structs, such as the provenance of a run, are left out.
func fieldsOf(v reflect.Value) []field {
	var fields []field
	if v.Kind() == reflect.Map {
		for _, key := range v.MapKeys() {
			fields = append(fields, field{fmt.Sprint(key.Interface()), v.MapIndex(key)})
		}
		slices.SortFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
		return fields
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		kind := v.Field(i).Kind()
		embedded := f.Anonymous && name == "" && kind == reflect.Struct
		switch {
		case name == "-", !f.IsExported() && !embedded:
		case embedded, kind == reflect.Map:
			fields = append(fields, fieldsOf(v.Field(i))...)
		case options == "omitempty" && v.Field(i).IsZero():
		case kind == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct: // not a cell, but a table of its own
		default:
			fields = append(fields, field{cmp.Or(name, f.Name), v.Field(i)})
		}
	}
	return fields
}

// cell writes a value: counts with separators, ids and seeds without, other numbers with four digits, lists with commas.
func (f field) cell() Cell {
	v := f.value
	for (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && !v.IsNil() {
		v = v.Elem()
	}
	switch {
	case v.Type() == reflect.TypeFor[results.Estimate]():
		return Number(interval("%.4f", new(v.Interface().(results.Estimate))))
	case v.Type() == reflect.TypeFor[results.Published]():
		return Number(publishedText(new(v.Interface().(results.Published))))
	case v.Kind() == reflect.Pointer: // nil: there is no value
		return Words("")
	case v.CanInt() && v.Type() == reflect.TypeFor[int]():
		return Number(text.Thousands(v.Int()))
	case v.CanInt(): // an id or a seed
		return Number(strconv.FormatInt(v.Int(), 10))
	case v.CanFloat():
		return Number(Rounded(v.Float()))
	case v.Kind() == reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, field{"", v.Index(i)}.cell().Text)
		}
		return Words(strings.Join(parts, ", "))
	}
	return Words(fmt.Sprint(v.Interface()))
}
