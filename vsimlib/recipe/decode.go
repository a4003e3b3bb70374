// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"vsim/vsimlib/competition"
)

// jsonMember is one member of a JSON object: a key with its value still encoded.
type jsonMember struct {
	key string
	raw json.RawMessage
}

// object splits a JSON object into its members. A repeated key is an error: of two values one would be lost silently.
func object(data []byte) ([]jsonMember, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, syntax(data, err, "not a JSON object")
	}
	var list []jsonMember
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, syntax(data, err, "")
		}
		key := t.(string) // the decoder allows nothing else before a colon
		if seen[key] {
			return nil, fmt.Errorf("duplicate key %q", key)
		}
		seen[key] = true
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, syntax(data, err, "")
		}
		list = append(list, jsonMember{key, raw})
	}
	if _, err := dec.Token(); err != nil {
		return nil, syntax(data, err, "")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more text after the JSON object")
	}
	return list, nil
}

// syntax adds its line to a decoding error.
func syntax(data []byte, err error, otherwise string) error {
	var bad *json.SyntaxError
	switch {
	case errors.As(err, &bad):
		line := 1 + bytes.Count(data[:min(int(bad.Offset), len(data))], []byte{'\n'})
		return fmt.Errorf("line %d: %w", line, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON ends too early")
	case err == nil:
		return errors.New(otherwise)
	}
	return err
}

// Decode reads a recipe from JSON, as Load does from a file.
func Decode(data []byte) (Recipe, error) {
	sections, err := object(data)
	if err != nil {
		return Recipe{}, err
	}
	r, err := base(sections)
	if err != nil {
		return Recipe{}, err
	}
	all := r.fields()
	for _, s := range sections {
		if s.key == "preset" {
			continue
		}
		if err := knownSection(s.key); err != nil {
			return Recipe{}, err
		}
		entries, err := object(s.raw)
		if err != nil {
			return Recipe{}, fmt.Errorf("section %q: %w", s.key, err)
		}
		for _, e := range entries {
			f, err := find(all, s.key, e.key)
			if err == nil {
				err = f.decode(e.raw)
			}
			if err != nil {
				return Recipe{}, err
			}
		}
	}
	return r, nil
}

// base returns the preset that a recipe file builds on.
func base(sections []jsonMember) (Recipe, error) {
	name := competition.ScaleDemo
	for _, s := range sections {
		if s.key == "preset" {
			if err := json.Unmarshal(s.raw, &name); err != nil {
				return Recipe{}, fmt.Errorf("preset: %s is not a text", shorten(string(s.raw)))
			}
		}
	}
	r, ok := Preset(name)
	if !ok {
		return Recipe{}, fmt.Errorf("preset: unknown name %q; there are %s", name, strings.Join(Presets(), ", "))
	}
	return r, nil
}
