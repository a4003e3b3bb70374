// SPDX-License-Identifier: Apache-2.0

package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// summedFile writes a small file with checksums and returns its bytes.
func summedFile(t *testing.T, metadata map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	err := WriteSummed(&b, []Tensor{
		FromFloat32("b", []int{2}, []float32{1, 2}), FromInt64("a", []int{1}, []int64{7}), FromFloat32("empty", []int{0}, nil),
	}, metadata)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readAll writes a file of these bytes into a folder, opens it, reads the tensors in the order of names and verifies them.
func readAll(t *testing.T, folder string, data []byte, names ...string) error {
	t.Helper()
	path := filepath.Join(folder, "f.safetensors")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, name := range names {
		if _, err := f.Read(name); err != nil {
			return err
		}
	}
	return f.Verify()
}

// TestSummed flips every bit of a file with checksums, and cuts and empties it: each damage is an error that names the file.
func TestSummed(t *testing.T) {
	good, folder := summedFile(t, map[string]string{"format": "pt"}), t.TempDir()
	for _, order := range [][]string{nil, {"a", "b", "empty"}, {"b", "a"}, {"a"}, {"empty", "a", "a", "b"}} {
		if err := readAll(t, folder, good, order...); err != nil {
			t.Errorf("read in the order %v: %v", order, err)
		}
	}
	every := 1
	if testing.Short() {
		every = 7 // every bit of a byte in turn
	}
	for bit := 0; bit < 8*len(good); bit += every {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		for _, order := range [][]string{nil, {"a", "b"}} {
			if err := readAll(t, folder, bad, order...); err == nil || !strings.Contains(err.Error(), "f.safetensors: ") {
				t.Fatalf("bit %d of byte %d, read in the order %v: %v", bit%8, bit/8, order, err)
			}
		}
	}
	for n := range len(good) {
		if err := readAll(t, folder, good[:n]); err == nil {
			t.Fatalf("cut to %d bytes: no error", n)
		}
	}
}

// TestDataSum is the sha256 of what is behind the header, in files with checksums and without.
func TestDataSum(t *testing.T) {
	good := summedFile(t, nil)
	want := sha256.Sum256(good[len(good)-16:])
	path := filepath.Join(t.TempDir(), "f.safetensors")
	for _, data := range [][]byte{good, written(t)} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := DataHash(path); err != nil || got != hex.EncodeToString(want[:]) {
			t.Errorf("%s, %v", got, err)
		}
	}
	if err := readAll(t, t.TempDir(), written(t), "a"); err != nil {
		t.Errorf("a file without checksums: %v", err)
	}
}

// written is the file of summedFile without checksums.
func written(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	err := Write(&b, []Tensor{FromFloat32("b", []int{2}, []float32{1, 2}), FromInt64("a", []int{1}, []int64{7})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
