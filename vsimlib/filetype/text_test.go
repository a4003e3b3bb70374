// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"strings"
	"testing"
)

// TestHintBinary recognises text where binary data are due, and no binary data as text.
func TestHintBinary(t *testing.T) {
	for _, c := range []struct{ name, data, what, hint string }{
		{"labels", "1\t2\t0.5\n", "text", " (it looks like text, no TFRecord file)"},
		{"Markdown", "# vsim\n\nText.\n", "text", " (it looks like text, no TFRecord file)"},
		{"titles, the last character cut", strings.Repeat("视频", 100)[:Prefix], "text", " (it looks like text, no TFRecord file)"},
		{"JSON", "\n{\"a\": 1}", "JSON", " (it looks like JSON, no TFRecord file)"},
		{"gzip", "\x1f\x8b\x08\x00", "a gzip file", " (it looks like a gzip file: unpack it with gunzip)"},
		{"a ZIP archive", "PK\x03\x04\x14", "a ZIP archive", " (it looks like " + Zip + ")"},
		{"nothing", "", "an empty file", " (it is an empty file: copy or download it again)"},
		{"a record", "\x2a\x01\x00\x00\x00\x00\x00\x00abcd", "", ""},
		{"safetensors", "\x40\x00\x00\x00\x00\x00\x00\x00{\"a\":{", "", ""},
		{"bytes", "\xff\xfd\x80\x81", "", ""},
		{"one byte", "\xff", "", ""},
	} {
		if got := What([]byte(c.data)); got != c.what {
			t.Errorf("%s: %q, want %q", c.name, got, c.what)
		}
		if got := HintBinary([]byte(c.data), "TFRecord file"); got != c.hint {
			t.Errorf("%s: %q, want %q", c.name, got, c.hint)
		}
	}
}
