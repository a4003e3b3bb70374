// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
)

var exportedSet = Set{IDs: []int64{7, -5}, Dim: 3, Data: []float32{1, 0.1, -2.5e-8, math.MaxFloat32, 16777216, 0}}

// TestExport writes the bytes that numpy.save(…) of NumPy 2.4 writes for the same arrays.
func TestExport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.safetensors")
	files, err := exportedSet.Export(path, NPY, false)
	if err != nil {
		t.Fatal(err)
	}
	stem := strings.TrimSuffix(path, ".safetensors")
	if want := []string{stem + ".npy", stem + ".ids.npy"}; !slices.Equal(files, want) {
		t.Errorf("files %v, want %v", files, want)
	}
	header := func(dtype, shape string) string {
		text := "{'descr': '" + dtype + "', 'fortran_order': False, 'shape': " + shape + ", }"
		return "\x93NUMPY\x01\x00\x76\x00" + text + strings.Repeat(" ", 117-len(text)) + "\n"
	}
	for i, want := range []string{
		header("<f4", "(2, 3)") + bytesOf("0000803fcdcccc3d95bfd6b2ffff7f7f0000804b00000000"),
		header("<i8", "(2,)") + bytesOf("0700000000000000fbffffffffffffff"),
	} {
		if got := filetest.Content(t, files[i]); got != want {
			t.Errorf("%s:\n%q\nwant\n%q", files[i], got, want)
		}
	}
	files, err = exportedSet.Export(path, CSV, false)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := filetest.Content(t, files[0]), "id,e0,e1,e2\n7,1,0.1,-2.5e-08\n-5,3.4028235e+38,1.6777216e+07,0\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestExportedFrom: a path that names the file of a format is that file, with the embeddings file next to it.
func TestExportedFrom(t *testing.T) {
	for _, c := range []struct {
		path   string
		format Format
		want   string // "": an error
	}{
		{"a/e.safetensors", CSV, "a/e.safetensors"}, {"a/e", NPY, "a/e"}, {"a/e.v1", NPY, "a/e.v1"}, {"a/.csv", CSV, "a/.csv"},
		{"a/e.csv", CSV, "a/e.safetensors"}, {"e.v1.npy", NPY, "e.v1.safetensors"}, {"e.ids.npy", NPY, "e.safetensors"},
		{"e.ids.csv", CSV, "e.ids.safetensors"}, {"e.npy", CSV, ""}, {"e.csv", NPY, ""},
	} {
		got, err := ExportedFrom(c.path, c.format)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s as %s: %q, %v, want %q", c.path, c.format, got, err, c.want)
		}
		if err == nil && strings.HasSuffix(c.want, ".safetensors") && strings.HasSuffix(c.path, "."+string(c.format)) &&
			!slices.Contains(ExportPaths(got, c.format), c.path) {
			t.Errorf("%s is not among %v", c.path, ExportPaths(got, c.format))
		}
	}
}

func bytesOf(digits string) string {
	b, err := hex.DecodeString(digits)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestExportOver: the same bytes stay, other embeddings need force, and a file that is no such table is never overwritten.
func TestExportOver(t *testing.T) {
	for _, format := range Formats() {
		path := filepath.Join(t.TempDir(), "e")
		export := func(s Set, force bool) error { _, err := s.Export(path, format, force); return err }
		if err := export(exportedSet, false); err != nil {
			t.Fatal(err)
		}
		first := ExportPaths(path, format)[0]
		before, err := os.Stat(first)
		if err != nil {
			t.Fatal(err)
		}
		if err := export(exportedSet, true); err != nil {
			t.Fatal(err)
		}
		if after, err := os.Stat(first); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s: the same embeddings were written again (%v)", format, err)
		}
		other := Set{IDs: []int64{7}, Dim: 3, Data: exportedSet.Data[:3]}
		if err := export(other, false); err == nil || !strings.Contains(err.Error(), "exists and has other embeddings") {
			t.Errorf("%s: %v", format, err)
		}
		if err := export(other, true); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		filetest.Write(t, first, "notes\n")
		if err := export(other, true); err == nil || !strings.Contains(err.Error(), "use another path") {
			t.Errorf("%s: over notes: %v", format, err)
		}
		if err := CheckExport(path, format); err == nil {
			t.Errorf("%s: a check over notes has no error", format)
		}
	}
}
