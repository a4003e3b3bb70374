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
		{"{\"name\": \"a\",\n\"steps\": \"x\"}", "line 2: json: cannot unmarshal", "line 2: json: cannot unmarshal"},
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
