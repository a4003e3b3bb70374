// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

func compressed(t *testing.T, how string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if how == "zlib" {
		z := zlib.NewWriter(&b)
		if _, err := z.Write([]byte("text")); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	if _, err := w.Write([]byte("text")); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func utf16Text(order binary.ByteOrder) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune("\ufeff1\t2\t0.5\n")) {
		two := make([]byte, 2)
		order.PutUint16(two, unit)
		b = append(b, two...)
	}
	return b
}

// TestLooksLike recognises the start of each kind, and nothing in what vsim reads.
func TestLooksLike(t *testing.T) {
	for _, k := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, Empty},
		{"gzip", compressed(t, "gzip"), Gzip},
		{"zlib", compressed(t, "zlib"), Zlib},
		{"torch.save", []byte("PK\x03\x04\x00\x00\x08\x08archive/data.pkl"), Zip},
		{"pickle.dumps", []byte("\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00}\x94."), Pickle},
		{"numpy.save", []byte("\x93NUMPY\x01\x00v\x00{'descr': '<f4'"), NumPy},
		{"Keras", []byte("\x89HDF\r\n\x1a\n\x00"), HDF5},
		{"a page", []byte("<!DOCTYPE html><html>"), HTML},
		{"a page behind blanks", []byte("\n  <HTML lang=en>"), HTML},
		{"Git LFS", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"), LFSPointer},
		{"macOS", []byte("\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "), AppleDouble},
		{"UTF-16, little-endian", utf16Text(binary.LittleEndian), UTF16},
		{"UTF-16, big-endian", utf16Text(binary.BigEndian), UTF16},
		{"a byte order mark", []byte("\ufeff1\t2\t0.5\n"), ByteOrder},
		{"labels", []byte("1\t2\t0.5\n"), ""},
		{"a vocabulary", []byte("[PAD]\n[UNK]\n"), ""},
		{"text that begins like zlib", []byte("x^2 + y^2\n"), ""},
		{"JSON", []byte(`{"vocab_size": 5}`), ""},
		{"safetensors", []byte("\x40\x00\x00\x00\x00\x00\x00\x00{\"a\":{"), ""},
		{"safetensors with a header of 0x178 bytes", []byte("\x78\x01\x00\x00\x00\x00\x00\x00{\"a\":{"), ""},
		{"a record of 0x280 bytes", []byte("\x80\x02\x00\x00\x00\x00\x00\x00abcd"), ""},
		{"a record of 0x8b1f bytes", []byte("\x1f\x8b\x00\x00\x00\x00\x00\x00abcd"), ""},
		{"a record of 0xfeff bytes", []byte("\xff\xfe\x00\x00\x00\x00\x00\x00abcd"), ""},
		{"a record", []byte("\x2a\x01\x00\x00\x00\x00\x00\x00abcd"), ""},
	} {
		if got := LooksLike(k.data); got != k.want {
			t.Errorf("%s: %q, want %q", k.name, got, k.want)
		}
		if hint := Hint(k.data); (hint == "") != (k.want == "") || !strings.Contains(hint, k.want) {
			t.Errorf("%s: hint %q", k.name, hint)
		}
	}
}

func TestHintSaysWhatToDo(t *testing.T) {
	for kind, do := range advice {
		if strings.TrimSpace(do) == "" || strings.HasSuffix(do, ".") {
			t.Errorf("%s: advice %q", kind, do)
		}
	}
	if got, want := Hint(nil), " (it is an empty file: copy or download it again)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
