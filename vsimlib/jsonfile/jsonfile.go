// SPDX-License-Identifier: Apache-2.0

// Package jsonfile reads and writes JSON files. Errors are one line that begins with the file's path.
package jsonfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
)

// Exists reports whether path exists; a link that leads nowhere does not count.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Read decodes the file at path into the value that into points to. Fields that into lacks are passed over. errors.Is finds
// fs.ErrNotExist in the error where the file is missing.
func Read(path string, into any) error {
	return read(path, into, false)
}

// ReadStrict is Read, with an error for a field that into lacks.
func ReadStrict(path string, into any) error {
	return read(path, into, true)
}

func read(path string, into any, strict bool) error {
	data, err := filetype.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	return decode(path, data, into, strict)
}

// Decode is Read for bytes at hand; path is used in errors.
func Decode(path string, data []byte, into any) error { return decode(path, data, into, false) }

// DecodeStrict is ReadStrict for bytes at hand; path is used in errors.
func DecodeStrict(path string, data []byte, into any) error { return decode(path, data, into, true) }

func decode(path string, data []byte, into any, strict bool) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if strict {
		dec.DisallowUnknownFields()
	}
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%s: %w%s", path, located(data, err), filetype.Hint(data))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: more than one JSON value", path)
	}
	return nil
}

// located adds the line to an error that has an offset, and says in words that a file ends too early.
func located(data []byte, err error) error {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON ends too early")
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset, err = kind.Offset, ofKind(kind)
	}
	if offset < 0 {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:min(offset, int64(len(data)))], []byte{'\n'}), err)
}

// ofKind says in words of JSON what json says in those of Go.
func ofKind(err *json.UnmarshalTypeError) error {
	want := map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "true or false", reflect.Float32: "a number",
		reflect.Float64: "a number", reflect.Slice: "a list", reflect.Array: "a list", reflect.Map: "an object",
		reflect.Struct: "an object"}[err.Type.Kind()]
	if want == "" {
		want = "a whole number"
	}
	got := map[string]string{"string": "text", "bool": "true or false", "number": "a number", "array": "a list",
		"object": "an object"}[err.Value]
	if got == "" {
		got = strings.TrimPrefix(err.Value, "number ") // its digits, where they matter
	}
	if err.Field == "" {
		return fmt.Errorf("want %s, got %s", want, got)
	}
	return fmt.Errorf("%q: want %s, got %s", err.Field, want, got)
}

// Write writes v at path, indented and atomically, with a newline at its end.
func Write(path string, v any) error {
	data, err := Encode(v)
	if err != nil {
		return fmt.Errorf("%s: not written: %w", path, err)
	}
	return atomicfile.WriteData(path, data)
}

// Encode returns the bytes that Write writes.
func Encode(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	return append(data, '\n'), err
}
