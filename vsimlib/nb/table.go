// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Table shows a value as a table: a struct or a map as names and values, a slice of structs as rows under the fields'
// names. The names are those of the fields' JSON; maps inside a struct are taken in.
func Table(value any) error {
	t, err := tableOf(value)
	if err != nil {
		return err
	}
	if p, err := where(); err == nil {
		for _, row := range t.rows {
			for i := range row {
				row[i].text = p.relative(row[i].text)
			}
		}
	}
	showHTML(t.html(), t.String())
	return nil
}

// cell is one value of a table.
type cell struct {
	text   string
	number bool
}

// table is rows of cells; a header makes it a list, none a record.
type table struct {
	header []string
	rows   [][]cell
}

func tableOf(value any) (table, error) {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct, reflect.Map:
		var t table
		for _, f := range fieldsOf(v) {
			t.rows = append(t.rows, []cell{{text: f.name}, f.cell()})
		}
		return t, nil
	case reflect.Slice:
		return listOf(v)
	}
	return table{}, fmt.Errorf("table: %T is neither a struct nor a map nor a slice of structs", value)
}

func listOf(v reflect.Value) (table, error) {
	if v.Len() == 0 {
		return table{}, errors.New("table: no rows")
	}
	var t table
	for i := range v.Len() {
		item := v.Index(i)
		for item.Kind() == reflect.Pointer && !item.IsNil() {
			item = item.Elem()
		}
		if item.Kind() != reflect.Struct {
			return table{}, fmt.Errorf("table: row %d is of type %s, want a struct", i+1, item.Type())
		}
		var row []cell
		var names []string
		for _, f := range fieldsOf(item) {
			row, names = append(row, f.cell()), append(names, f.name)
		}
		if i == 0 {
			t.header = names
		} else if !slices.Equal(names, t.header) {
			return table{}, fmt.Errorf("table: row %d has other fields than the first", i+1)
		}
		t.rows = append(t.rows, row)
	}
	return t, nil
}

// entry is a named value.
type entry struct {
	name  string
	value reflect.Value
}

// fieldsOf lists what a struct or a map holds, with the entries of maps inside it.
func fieldsOf(v reflect.Value) []entry {
	var list []entry
	if v.Kind() == reflect.Map {
		for _, key := range v.MapKeys() {
			list = append(list, entry{fmt.Sprint(key.Interface()), v.MapIndex(key)})
		}
		slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.name, b.name) })
		return list
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = field.Name
		}
		switch {
		case v.Field(i).Kind() == reflect.Map:
			list = append(list, fieldsOf(v.Field(i))...)
		case options == "omitempty" && v.Field(i).IsZero():
		default:
			list = append(list, entry{name, v.Field(i)})
		}
	}
	return list
}

// cell writes a value: whole numbers with their thousands apart, others with four digits, lists with commas.
func (e entry) cell() cell {
	v := e.value
	for (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && !v.IsNil() {
		v = v.Elem()
	}
	switch {
	case v.CanInt() && v.Type() == reflect.TypeFor[int]():
		return cell{grouped(v.Int()), true}
	case v.CanInt(): // an id or a seed
		return cell{strconv.FormatInt(v.Int(), 10), true}
	case v.CanFloat():
		return cell{rounded(v.Float()), true}
	case v.Kind() == reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, entry{"", v.Index(i)}.cell().text)
		}
		return cell{strings.Join(parts, ", "), false}
	}
	return cell{fmt.Sprint(v.Interface()), false}
}

// rounded writes four digits that count, four places below one so that columns line up, and never an exponent for
// everyday sizes.
func rounded(v float64) string {
	if small := math.Abs(v); small >= 1e-3 && small < 0.99995 {
		return strconv.FormatFloat(v, 'f', 4, 64)
	}
	text := strconv.FormatFloat(v, 'g', 4, 64)
	if f, err := strconv.ParseFloat(text, 64); err == nil && strings.Contains(text, "e") && f >= 1e3 && f < 1e9 {
		return grouped(int64(f))
	}
	return text
}

// grouped writes 12000 as 12,000.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return sign + text
}

// html writes the table as HTML; every text is escaped.
func (t table) html() string {
	var b strings.Builder
	b.WriteString("<table>\n")
	if t.header != nil {
		b.WriteString("<tr>")
		for i, name := range t.header {
			b.WriteString("<th" + t.align(i) + ">" + escape(name) + "</th>")
		}
		b.WriteString("</tr>\n")
	}
	for _, row := range t.rows {
		b.WriteString("<tr>")
		for i, c := range row {
			b.WriteString("<td" + t.align(i) + ">" + escape(c.text) + "</td>")
		}
		b.WriteString("</tr>\n")
	}
	return b.String() + "</table>"
}

// align puts columns of numbers to the right, all else to the left, in the two ways of which viewers
// keep at least one.
func (t table) align(column int) string {
	for _, row := range t.rows {
		if column < len(row) && !row[column].number {
			return ` align="left" style="text-align:left"`
		}
	}
	return ` align="right" style="text-align:right"`
}

// String writes the table as text.
func (t table) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	if t.header != nil {
		_, _ = fmt.Fprintln(w, strings.Join(t.header, "\t"))
	}
	for _, row := range t.rows {
		var texts []string
		for _, c := range row {
			texts = append(texts, clean(c.text))
		}
		_, _ = fmt.Fprintln(w, strings.Join(texts, "\t"))
	}
	_ = w.Flush()
	return b.String()
}
