// SPDX-License-Identifier: Apache-2.0

package jsonfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type settings struct {
	Name  string `json:"name"`
	Steps int    `json:"steps"`
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	if Exists(path) {
		t.Error("a missing file exists")
	}
	if err := Write(path, map[string]any{"b": 1, "a": []int{2}}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if want := "{\n  \"a\": [\n    2\n  ],\n  \"b\": 1\n}\n"; err != nil || string(data) != want {
		t.Errorf("%q, %v, want %q", data, err, want)
	}
	if err := Write(path, func() {}); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("a function as JSON: %v", err)
	}
	if !Exists(path) {
		t.Error("the file does not exist")
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.json")
	for _, c := range []struct{ text, read, strict string }{
		{`{"name": "a", "steps": 3}` + "\n", "", ""},
		{`{"name": "a", "steps": 3, "more": 1}`, "", `json: unknown field "more"`},
		{"{\"name\": \"a\",\n\"steps\": \"x\"}", `line 2: "steps": want a whole number`,
			`line 2: "steps": want a whole number`},
		{"{\n\n\"name\": b}", "line 3: invalid character", "line 3: invalid character"},
		{`{"name": "a"`, "the JSON ends too early", "the JSON ends too early"},
		{"", "the JSON ends too early", "the JSON ends too early"},
		{`{"name": "a"} {}`, "more than one JSON value", "more than one JSON value"},
		{`{"name": "a"} x`, "more than one JSON value", "more than one JSON value"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		for want, read := range map[string]func(string, any) error{c.read: Read, c.strict + " ": ReadStrict} {
			var s settings
			err := read(path, &s)
			want = strings.TrimSpace(want)
			switch {
			case want == "" && (err != nil || s != settings{"a", 3}):
				t.Errorf("%q: %+v, %v", c.text, s, err)
			case want != "" && (err == nil || !strings.HasPrefix(err.Error(), path+": "+want) || strings.Contains(err.Error(), "\n")):
				t.Errorf("%q: error %v, want %q", c.text, err, want)
			}
		}
	}
	missing := filepath.Join(dir, "no")
	if err := Read(missing, new(settings)); !errors.Is(err, fs.ErrNotExist) || err.Error() != missing+": no such file or directory" {
		t.Errorf("a missing file: %v", err)
	}
}

// TestOfKind: a value of another kind is named by its field, in words of JSON.
func TestOfKind(t *testing.T) {
	type grid struct {
		Seeds []int64            `json:"seeds"`
		Name  string             `json:"name"`
		By    map[string]float64 `json:"by"`
		Cells []struct {
			On bool `json:"on"`
		} `json:"cells"`
	}
	for data, want := range map[string]string{
		"{\n\"seeds\": [1, 1.5]}": `f.json: line 2: "seeds": want a whole number, got 1.5`,
		`{"seeds": 1}`:            `f.json: line 1: "seeds": want a list, got a number`,
		`{"seeds": [1e30]}`:       `f.json: line 1: "seeds": want a whole number, got 1e30`,
		`{"name": ["x"]}`:         `f.json: line 1: "name": want text, got a list`,
		`{"by": {"a": "x"}}`:      `f.json: line 1: "by": want a number, got text`,
		`{"by": 2}`:               `f.json: line 1: "by": want an object, got a number`,
		`{"cells": [{"on": 3}]}`:  `f.json: line 1: "cells.on": want true or false, got a number`,
		`[1]`:                     `f.json: line 1: want an object, got a list`,
		`true`:                    `f.json: line 1: want an object, got true or false`,
	} {
		if err := DecodeStrict("f.json", []byte(data), new(grid)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", data, err, want)
		}
	}
}
