// SPDX-License-Identifier: Apache-2.0

package outdir

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestCheckFile: a verb may write where there is no file, an empty one or one of its kind; any other is named.
func TestCheckFile(t *testing.T) {
	dir := t.TempDir()
	kind := FileKind{Name: "thing", Made: func(head []byte) bool { return bytes.HasPrefix(head, []byte("\x01thing")) }}
	for name, c := range map[string]struct{ content, want string }{
		"empty":   {"", ""},
		"own":     {"\x01thing and more", ""},
		"text":    {"# Title\n", "is text, no thing of vsim; use another path"},
		"json":    {"{\"a\": 1}\n", "is JSON, no thing of vsim; use another path"},
		"zip":     {"PK\x03\x04\x14\x00\x00\x00", "is a ZIP archive, no thing of vsim; use another path"},
		"unknown": {"\x01\x02\x03\x04", "is no thing of vsim; use another path"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.content), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := CheckFile(path, kind); (err == nil) != (c.want == "") || err != nil && err.Error() != path+": "+c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if err := CheckFile(filepath.Join(dir, "absent"), kind); err != nil {
		t.Error(err)
	}
	if err := CheckFile(dir, kind); err == nil || err.Error() != dir+": is a directory" {
		t.Errorf("a directory: %v", err)
	}
}
