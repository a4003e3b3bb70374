// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/text"
)

// Read reads a definition from a file. A key that no definition has is an error that names the keys there are.
func Read(path string) (Definition, error) {
	data, err := filetype.ReadFile(path)
	if err != nil {
		return Definition{}, err
	}
	var d Definition
	if err := jsonfile.Decode(path, data, &d); err != nil {
		return d, err
	}
	if err := knownKeys(data, reflect.TypeFor[Definition](), ""); err != nil {
		return d, fmt.Errorf("%s: %w", path, err)
	}
	if err := d.check(On{Large: true}); err != nil {
		return d, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// Write writes the definition to a file that Read reads.
func (d Definition) Write(path string) error {
	if !d.Portable() {
		return fmt.Errorf("%s: not written: study %s has cells with Go functions, which no file holds", path, d.Name)
	}
	return jsonfile.Write(path, d)
}

// knownKeys refuses in a JSON value of a type keys that the type's fields do not have, and duplicate ones.
func knownKeys(data []byte, t reflect.Type, in string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Slice:
		var list []json.RawMessage
		if t.Elem().Kind() != reflect.Struct || json.Unmarshal(data, &list) != nil {
			return nil
		}
		for i, one := range list {
			if err := knownKeys(one, t.Elem(), fmt.Sprintf("%s %d: ", strings.TrimSuffix(in, ": "), i+1)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		return knownFields(data, t, in)
	}
	return nil
}

func knownFields(data []byte, t reflect.Type, in string) error {
	fields := map[string]reflect.Type{}
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "-" {
			fields[name] = t.Field(i).Type
			names = append(names, name)
		}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil // null; of another kind Decode knows
	}
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return errors.New("the JSON ends too early")
		}
		kind, known := fields[key]
		switch {
		case !known:
			return fmt.Errorf("%sunknown key %q; %s", in, key, text.Known(key, names))
		case seen[key]:
			return fmt.Errorf("%sduplicate key %q", in, key)
		}
		seen[key] = true
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		if err := knownKeys(raw, kind, in+key+": "); err != nil {
			return err
		}
	}
	return nil
}
