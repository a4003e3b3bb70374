// SPDX-License-Identifier: Apache-2.0

package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// raw returns a file of a header and data bytes, with the true length of the header.
func raw(header string, data int) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + strings.Repeat("\x01", data)
}

// claim returns a file whose header claims a length of its own choice.
func claim(length uint64, rest string) string {
	return string(binary.LittleEndian.AppendUint64(nil, length)) + rest
}

const a4 = `"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}`

// attacks are files that lie, each with a part of the line that refuses it.
var attacks = []struct{ name, file, want string }{
	{"empty file", "", "0 bytes are too short"},
	{"seven bytes", "\x00\x00\x00\x00\x00\x00\x00", "7 bytes are too short"},
	{"no header", claim(0, ""), "does not start with {"},
	{"length past the end", claim(3, "{}"), "the header claims 3 bytes, at most 2"},
	{"length 2^63", claim(1<<63, "{}"), "the header claims 9223372036854775808 bytes"},
	{"length 2^64-1", claim(1<<64-1, "{}"), "the header claims 18446744073709551615 bytes"},
	{"a zip", "PK\x03\x04 and so on and on", "looks like a pickled PyTorch checkpoint"},
	{"a pickle", "\x80\x02}q\x00(X\x05\x00\x00\x00", "looks like a pickled PyTorch checkpoint"},
	{"an LFS pointer", "version https://git-lfs", "looks like a Git LFS pointer"},
	{"an empty file", "", "0 bytes are too short for a safetensors file (it is an empty file"},
	{"a page", "<!DOCTYPE html><html><body>Not found</body></html>", "looks like an HTML page"},
	{"a NumPy array", "\x93NUMPY\x01\x00v\x00{'descr': '<f4'", "looks like a NumPy array"},
	{"Keras", "\x89HDF\r\n\x1a\n\x00\x00\x00\x00", "looks like an HDF5 file"},
	{"gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "looks like a gzip file"},
	{"text", "1\t2\t0.5\n", "is text, no safetensors file"},
	{"JSON", "{\"vocab_size\": 5}", "is JSON, no safetensors file"},
	{"array header", raw(`[]`, 0), "does not start with {"},
	{"leading space", raw(` {}`, 0), "does not start with {"},
	{"unclosed", raw(`{`, 0), "ends where"},
	{"unclosed string", raw(`{"a`, 0), "a string does not end"},
	{"string ends in a backslash", raw(`{"a\`, 0), "a string does not end"},
	{"trailing comma", raw(`{`+a4+`,}`, 4), "found '}' where '\"' is due"},
	{"two objects", raw(`{}{}`, 0), "more text after the header's closing brace"},
	{"header followed by NUL", raw("{}\x00", 0), "more text after"},
	{"not UTF-8", raw("{\"\xff\":1}", 0), "not UTF-8"},
	{"control character in a name", raw("{\"a\nb\":1}", 0), "control character"},
	{"bad escape", raw(`{"\x":1}`, 0), "bad escape"},
	{"half a surrogate pair", raw(`{"\ud800":1}`, 0), "half of a surrogate pair"},
	{"surrogates reversed", raw(`{"\udc00\ud800":1}`, 0), "half of a surrogate pair"},
	{"repeated tensor", raw(`{`+a4+`,`+a4+`}`, 4), `tensor "a": appears twice`},
	{"repeated tensor, escaped", raw(`{`+a4+`,"\u0061":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}`, 8),
		`tensor "a": appears twice`},
	{"repeated metadata", raw(`{"__metadata__":{},"__metadata__":{}}`, 0), "__metadata__ appears twice"},
	{"repeated metadata key", raw(`{"__metadata__":{"k":"1","k":"2"}}`, 0), `__metadata__: header byte 29: key "k" appears twice`},
	{"metadata not text", raw(`{"__metadata__":{"k":1}}`, 0), "__metadata__: header byte 21: found '1'"},
	{"repeated dtype", raw(`{"a":{"dtype":"U8","dtype":"F32","shape":[4],"data_offsets":[0,4]}}`, 4), `tensor "a": header byte 27: key "dtype" appears twice`},
	{"repeated offsets", raw(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"data_offsets":[0,4]}}`, 4), `key "data_offsets" appears twice`},
	{"unknown key", raw(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"stride":[1]}}`, 4), `tensor "a": header byte 61: unknown key "stride"`},
	{"missing dtype", raw(`{"a":{"shape":[4],"data_offsets":[0,4]}}`, 4), `dtype is missing`},
	{"missing shape", raw(`{"a":{"dtype":"U8","data_offsets":[0,4]}}`, 4), `shape is missing`},
	{"missing offsets", raw(`{"a":{"dtype":"U8","shape":[4]}}`, 4), `data_offsets is missing`},
	{"tensor is null", raw(`{"a":null}`, 0), `tensor "a": header byte 5: found 'n'`},
	{"unknown dtype", raw(`{"a":{"dtype":"F8_E9M9","shape":[4],"data_offsets":[0,4]}}`, 4),
		`tensor "a": dtype "F8_E9M9" is not supported`},
	{"lower-case dtype", raw(`{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}`, 4), `dtype "f32" is not supported`},
	{"negative dimension", raw(`{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}`, 4), "a non-negative integer is due"},
	{"fraction", raw(`{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}`, 4), "a number is not an integer"},
	{"exponent", raw(`{"a":{"dtype":"U8","shape":[4e0],"data_offsets":[0,4]}}`, 4), "a number is not an integer"},
	{"leading zero", raw(`{"a":{"dtype":"U8","shape":[04],"data_offsets":[0,4]}}`, 4), "a number starts with 0"},
	{"shape is text", raw(`{"a":{"dtype":"U8","shape":["4"],"data_offsets":[0,4]}}`, 4), "a non-negative integer is due"},
	{"nested shape", raw(`{"a":{"dtype":"U8","shape":[[[[4]]]],"data_offsets":[0,4]}}`, 4), "a non-negative integer is due"},
	{"dimension over 63 bits", raw(`{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,4]}}`, 4), "does not fit 63 bits"},
	{"product overflows to 0", raw(`{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), "overflows 63 bits"},
	{"width overflows", raw(`{"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,0]}}`, 0), "overflows 63 bits"},
	{"overflow hidden by a 0", raw(`{"a":{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}`, 0), "overflows 63 bits"},
	{"33 dimensions", raw(`{"a":{"dtype":"U8","shape":[1`+strings.Repeat(",1", 32)+`],"data_offsets":[0,1]}}`, 1),
		"more than 32 numbers"},
	{"one offset", raw(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[4]}}`, 4), "data_offsets has 1 numbers"},
	{"three offsets", raw(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,8]}}`, 4), "more than 2 numbers"},
	{"offsets backwards", raw(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}`, 4), "data_offsets [4,0] run backwards"},
	{"too few bytes for the shape", raw(`{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}`, 4),
		"hold 4 bytes, F32 [4] needs 16"},
	{"too many bytes for the shape", raw(`{"a":{"dtype":"U8","shape":[],"data_offsets":[0,4]}}`, 4), "hold 4 bytes, U8 [] needs 1"},
	{"past the end", raw(`{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}`, 4),
		`tensor "a": ends at byte 5 of the data, the file has 4`},
	{"far past the end", raw(`{"a":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}}`, 4), "the file has 4"},
	{"data nobody owns", raw(`{`+a4+`}`, 5), "the tensors end at byte 4 of the data, the file has 5"},
	{"gap at the start", raw(`{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}`, 4), "leaves a gap"},
	{"gap in the middle", raw(`{`+a4+`,"b":{"dtype":"U8","shape":[3],"data_offsets":[5,8]}}`, 8), `tensor "b": leaves a gap`},
	{"overlap", raw(`{`+a4+`,"b":{"dtype":"U8","shape":[3],"data_offsets":[3,6]}}`, 6), `tensor "b": overlaps another`},
	{"same bytes twice", raw(`{`+a4+`,"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, 4), `tensor "b": overlaps another`},
	{"empty tensor inside another", raw(`{`+a4+`,"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}`, 4),
		`tensor "b": overlaps another`},
	{"nameless", raw(`{"":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, 4), "a tensor without a name"},
	{"endless name", raw(`{"`+strings.Repeat("n", 600)+`":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, 4),
		"has 600 bytes, at most 512"},
	{"deep nesting", raw(`{"a":`+strings.Repeat("[", 100000), 0), "found '[' where '{' is due"},
}

func TestAttacks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "attack.safetensors")
	for _, c := range attacks {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(c.file), 0o644); err != nil {
				t.Fatal(err)
			}
			f, err := Open(path)
			if err == nil {
				f.Close()
				t.Fatal("opened")
			}
			line := err.Error()
			if !strings.HasPrefix(line, "safetensors: "+path+": ") || !strings.Contains(line, c.want) || strings.ContainsAny(line, "\n\r") || len(line) > 500 {
				t.Errorf("%s\nwant %s", line, c.want)
			}
		})
	}
}

// TestOpenForeign opens what safetensors 0.8 writes and this package makes no numbers of: such a tensor blocks no other.
func TestOpenForeign(t *testing.T) {
	for name, header := range map[string]string{
		"float8":            `{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`,
		"complex":           `{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`,
		"metadata is null":  `{"__metadata__":null,"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
		"null behind blank": `{"__metadata__": null , "b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
	} {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		size := map[string]int{"float8": 8, "complex": 12}[name]
		if err := os.WriteFile(path, []byte(raw(header, max(size, 4))), 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, err := f.Read("b")
		if err != nil {
			t.Fatal(err)
		}
		if values, err := Float32s(b); err != nil || len(values) != 1 || len(f.Metadata()) != 0 {
			t.Errorf("%s: %v, %v, metadata %v", name, values, err, f.Metadata())
		}
		if a, err := f.Read("a"); err == nil {
			if _, err := Float32s(a); err == nil || !strings.Contains(err.Error(), "is not a float") {
				t.Errorf("%s: numbers of %s: %v", name, a.DType, err)
			}
		}
		f.Close()
	}
}

func TestOpenRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir); err == nil || !strings.HasSuffix(err.Error(), "is a directory") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "absent")); !os.IsNotExist(unwrapAll(err)) {
		t.Errorf("an absent file: %v", err)
	}
}

func unwrapAll(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = u.Unwrap()
	}
}

// TestTruncations cuts a good file at every length: each is noticed.
func TestTruncations(t *testing.T) {
	good, err := os.ReadFile(mixed)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut.safetensors")
	for n := range good {
		if err := os.WriteFile(path, good[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if f, err := Open(path); err == nil {
			f.Close()
			t.Fatalf("cut to %d of %d bytes and opened", n, len(good))
		}
	}
}

// TestLyingHeadersTakeNoMemory opens a header full of tensors that claim terabytes, and one of too many tensors.
func TestLyingHeadersTakeNoMemory(t *testing.T) {
	var huge, many strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&huge, `%c"t%d":{"dtype":"U8","shape":[1099511627776],"data_offsets":[%d,%d]}`, ",{"[btoi(i == 0)], i, i<<40, (i+1)<<40)
	}
	for i := range 2 * maxTensors {
		fmt.Fprintf(&many, `%c"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, ",{"[btoi(i == 0)], i)
	}
	for _, text := range []string{huge.String() + "}", many.String() + "}"} {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		if err := os.WriteFile(path, []byte(raw(text, 0)), 0o644); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Open(path); err == nil {
			t.Error("opened")
		}
		runtime.ReadMemStats(&after)
		if got, limit := after.TotalAlloc-before.TotalAlloc, uint64(2*len(text)+64<<20); got > limit {
			t.Errorf("allocated %d bytes for a file of %d", got, len(text))
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// FuzzOpen: no panic; whatever opens can be read in full, and is written back to a file that holds the same.
func FuzzOpen(f *testing.F) {
	for _, c := range attacks {
		if len(c.file) < 1000 {
			f.Add([]byte(c.file))
		}
	}
	for _, path := range []string{mixed, "testdata/python_plain.safetensors"} {
		good, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(good)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		in, err := NewFile("fuzz.safetensors", bytes.NewReader(file), int64(len(file)))
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("more than one line: %q", err)
			}
			return
		}
		_ = in.Verify()
		var again bytes.Buffer
		rewrite(t, in, &again)
		out, err := NewFile("again.safetensors", bytes.NewReader(again.Bytes()), int64(again.Len()))
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, name := range in.Names() {
			a, err := in.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			b, err := out.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			if a.DType != b.DType || fmt.Sprint(a.Shape) != fmt.Sprint(b.Shape) || string(a.Data) != string(b.Data) {
				t.Fatalf("%v became %v", a, b)
			}
			total += len(a.Data)
		}
		if total > len(file) {
			t.Errorf("%d bytes of tensors in a file of %d", total, len(file))
		}
		if fmt.Sprint(in.Metadata()) != fmt.Sprint(out.Metadata()) {
			t.Errorf("metadata %v became %v", in.Metadata(), out.Metadata())
		}
	})
}

func rewrite(t *testing.T, in *File, out io.Writer) {
	t.Helper()
	var tensors []Tensor
	for _, name := range in.Names() {
		tensor, err := in.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, tensor)
	}
	if err := Write(out, tensors, in.Metadata()); err != nil {
		t.Fatal(err)
	}
}
