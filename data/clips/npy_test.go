// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
)

// npy is a NumPy file of version 1.
func npy(header, values string) string {
	header += strings.Repeat(" ", 117-len(header)) + "\n"
	return "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), 0}) + header + values
}

// TestNumPy: features in numpy files become frames of the corpus. The first three files are what numpy 2.4.6 saves of
// [[1, -2], [0.5, 65504]] as float16, float32 and float64, and the last line what its tobytes() gives of the float16.
func TestNumPy(t *testing.T) {
	values := map[string]string{
		"<f2": "003c00c00038ff7b",
		"<f4": "0000803f000000c00000003f00e07f47",
		"<f8": "000000000000f03f00000000000000c0000000000000e03f00000000" + "00fcef40",
	}
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	titles := ""
	for kind, digits := range values {
		raw, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		write(kind[1:]+".npy", npy("{'descr': '"+kind+"', 'fortran_order': False, 'shape': (2, 2), }", string(raw)))
		titles += kind[1:] + ".npy\t" + kind + "\n"
	}
	write("none.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2), }", ""))
	write("titles.tsv", titles+"none.npy\tno frame\n")
	out, vocab := filepath.Join(t.TempDir(), "corpus"), filepath.Join("..", "emoji", "vocab.txt")
	if err := build(dir, out, vocab); err != nil {
		t.Fatal(err)
	}
	c, err := corpus.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Part("pointwise")
	if err != nil || all.Len() != 4 {
		t.Fatalf("%v, %v", all, err)
	}
	for i := range 3 {
		v, err := all.Video(i)
		if err != nil || v.NumFrames != 2 || hex.EncodeToString(v.Frames) != "003c00c00038ff7b" {
			t.Errorf("%s: %d frames %x, %v", v.Title, v.NumFrames, v.Frames, err)
		}
	}
	header := func(kind, order, shape string) string {
		return "{'descr': '" + kind + "', 'fortran_order': " + order + ", 'shape': (" + shape + "), }"
	}
	for _, c := range []struct{ content, want string }{
		{"", "no NumPy file, or one that is cut; write it with numpy.save"},
		{npy("x", "")[:60], "no NumPy file, or one that is cut"},
		{"\x93NUMPY\x02\x00\xff\xff\xff\xff{}", "no NumPy file, or one that is cut"},
		{npy("{}", ""), "has no descr or no shape"},
		{npy(header("|O", "False", "2, 2"), ""), "an array of type |O and shape (2, 2); want frames × features"},
		{npy(header("<f4", "False", "4,"), ""), "an array of type <f4 and shape (4,); want frames × features"},
		{npy(header("<f4", "True", "2, 2"), ""), "shape (2, 2) in Fortran's order; want frames × features"},
		{npy(header("<f4", "False", "2, 2"), "1234"), "shape (2, 2) of <f4, but 4 bytes of values"},
		{npy(header("<f4", "False", "9223372036854775807, 2"), "1234"), "but 4 bytes of values"},
		{npy(header("<f2", "False", "1, 3"), "\x00\x00\x00\x00\x00\x7c"), "bad.npy: frame 0, feature 2 is NaN or beyond float16"},
		{npy(header("<f2", "False", "1, 3"), "123456"), `line 2: "bad.npy" has frames of 3 features, but "f4.npy" has 2`},
	} {
		write("bad.npy", c.content)
		write("titles.tsv", "f4.npy\tone\nbad.npy\ttwo\n")
		if err := build(dir, filepath.Join(t.TempDir(), "corpus"), vocab); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.content, err, c.want)
		}
	}
}
