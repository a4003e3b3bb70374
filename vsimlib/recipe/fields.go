// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"vsim/vsimlib/text"
)

// field is one setting: its section ("" for a model's config.json), its JSON name, and the place of its value.
type field struct {
	section, name string
	value         reflect.Value
}

func (f field) full() string {
	if f.section == "" {
		return f.name
	}
	return f.section + "." + f.name
}

// json is the value in the form of a recipe file. An empty list is the same whether nil or not.
func (f field) json() string {
	if f.value.Kind() == reflect.Slice && f.value.Len() == 0 {
		return "[]"
	}
	data, err := json.Marshal(f.value.Interface())
	if err != nil { // NaN or Inf, which Validate names
		return fmt.Sprint(f.value.Interface())
	}
	return string(data)
}

// structFields lists the settings of the struct that p points to.
func structFields(section string, p any) []field {
	v := reflect.ValueOf(p).Elem()
	list := make([]field, v.NumField())
	for i := range list {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		list[i] = field{section, name, v.Field(i)}
	}
	return list
}

// fields lists the settings of all sections.
func (r *Recipe) fields() []field {
	var list []field
	for _, section := range structFields("", r) {
		list = append(list, structFields(section.name, section.value.Addr().Interface())...)
	}
	return list
}

// find returns the field of that name, or an error that names the nearest one, where one is near, and all of the section.
func find(list []field, section, name string) (field, error) {
	var known []string
	for _, f := range list {
		if f.section != section {
			continue
		}
		if f.name == name {
			return f, nil
		}
		known = append(known, f.name)
	}
	all := strings.Join(known, ", ")
	unknown := field{section: section, name: name}.full()
	if near := text.Near(name, known); near != "" {
		return field{}, fmt.Errorf("unknown name %q; the nearest is %q, and there are %s", unknown,
			field{section: section, name: near}.full(), all)
	}
	return field{}, fmt.Errorf("unknown name %q; there are %s", unknown, all)
}

// Set overrides one setting by an assignment "section.name=value". Lists are written 1,2,3; null resets weight_tag.
func (r *Recipe) Set(assignment string) error {
	target, value, ok := strings.Cut(assignment, "=")
	section, name, dotted := strings.Cut(strings.TrimSpace(target), ".")
	if !ok || !dotted {
		return fmt.Errorf("setting %q: want section.name=value, such as pretrain.epochs=3", assignment)
	}
	if err := knownSection(section); err != nil {
		return fmt.Errorf("setting %q: %w", assignment, err)
	}
	f, err := find(r.fields(), section, name)
	if err == nil {
		err = f.parse(strings.TrimSpace(value))
	}
	if err != nil {
		return fmt.Errorf("setting %q: %w", assignment, err)
	}
	return nil
}

// knownSection returns an error that names the sections if there is none of that name.
func knownSection(name string) error {
	var known []string
	for _, s := range structFields("", &Recipe{}) {
		if s.name == name {
			return nil
		}
		known = append(known, s.name)
	}
	err := fmt.Errorf("unknown section %q; there are %s", name, strings.Join(known, ", "))
	if near := text.Similar(name, known); name != "" && len(near) > 0 {
		err = fmt.Errorf("%w; the nearest is %q", err, near[0])
	}
	return err
}

// parse sets the value from a command line's text.
func (f field) parse(given string) error {
	switch f.value.Interface().(type) {
	case string:
		f.value.SetString(given)
		return nil
	case float64, *float64: // also .5 and 5., which are no JSON
		if x, err := text.Decimal(given); err == nil && !math.IsNaN(x) && !math.IsInf(x, 0) {
			given = strconv.FormatFloat(x, 'g', -1, 64)
		}
	case []int, []float64:
		if !strings.HasPrefix(given, "[") {
			given = "[" + given + "]"
		}
	}
	return f.decode([]byte(given))
}

// decode sets the value from JSON.
func (f field) decode(raw []byte) error {
	_, optional := f.value.Interface().(*float64)
	isList := f.value.Kind() == reflect.Slice
	fresh := reflect.New(f.value.Type())
	err := json.Unmarshal(raw, fresh.Interface())
	if err == nil && string(raw) == "null" && !optional && !isList {
		err = errors.New("null")
	}
	if err != nil {
		return fmt.Errorf("%s: %s is not %s", f.full(), shorten(string(raw)), kindName(f.value.Interface()))
	}
	f.value.Set(fresh.Elem())
	return nil
}

// kindName says in words what values a setting takes.
func kindName(v any) string {
	switch v.(type) {
	case int, int64:
		return "a whole number"
	case float64:
		return "a number"
	case *float64:
		return "a number or null"
	case bool:
		return "true or false"
	case string:
		return "a text"
	case []int:
		return "a list of whole numbers"
	case []float64:
		return "a list of numbers"
	}
	return "a value of this setting" // not reached: TestFieldKinds covers every type in the structs
}

// shorten keeps error lines short and on one line.
func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	if s == "" {
		return "nothing"
	}
	return s
}
