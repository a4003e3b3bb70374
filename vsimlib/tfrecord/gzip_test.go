// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// packed writes a gzip file of these bytes.
func packed(t *testing.T, path string, members ...[]byte) string {
	t.Helper()
	var b bytes.Buffer
	for _, data := range members {
		w := gzip.NewWriter(&b)
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// cacheFolder gives the test a cache folder of its own and returns where copies lie in it.
func cacheFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	return filepath.Join(dir, "vsim", "records")
}

func contents(t *testing.T, path string) [][]byte {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Name() != path {
		t.Errorf("name %q, want %q", f.Name(), path)
	}
	scanned, entries, errs := scanAll(f)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for i := len(entries) - 1; i >= 0; i-- { // any order
		data, err := f.Read(entries[i], nil)
		if err != nil || !bytes.Equal(data, scanned[i]) {
			t.Fatalf("record %d by its offset: %q, %v; want %q", i, data, err, scanned[i])
		}
	}
	return scanned
}

// TestUntrustedCopy: a folder of copies that other users can write to is refused; a copy that they can write to is made anew.
func TestUntrustedCopy(t *testing.T) {
	folder := cacheFolder(t)
	path := packed(t, filepath.Join(t.TempDir(), "a.tfrecords.gz"), frame(t, []byte("one")))
	contents(t, path)
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	copy := filepath.Join(folder, entries[0].Name())
	if err := os.WriteFile(copy, frame(t, []byte("planted")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(copy, 0o666); err != nil {
		t.Fatal(err)
	}
	copies.Clear() // as in another process
	if got := contents(t, path); len(got) != 1 || string(got[0]) != "one" {
		t.Errorf("%q is read, want one", got)
	}
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	copies.Clear()
	if f, err := Open(path); err == nil || !strings.Contains(err.Error(), "can be written by other users") {
		t.Errorf("%v, %v", f, err)
	}
}

// TestGzip reads a compressed file in order and at offsets, of one gzip member and of several.
func TestGzip(t *testing.T) {
	folder := cacheFolder(t)
	whole := frame(t, []byte("one"), bytes.Repeat([]byte("two"), 1000), nil)
	dir := t.TempDir()
	for name, path := range map[string]string{
		"one member":  packed(t, filepath.Join(dir, "a.tfrecords.gz"), whole),
		"two members": packed(t, filepath.Join(dir, "b.tfrecords.gz"), whole[:20], whole[20:]),
	} {
		got := contents(t, path)
		if len(got) != 3 || string(got[0]) != "one" || len(got[1]) != 3000 || len(got[2]) != 0 {
			t.Errorf("%s: %d records", name, len(got))
		}
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 2 {
		t.Errorf("copies: %v, %v", entries, err)
	}
}

// TestGzipCopy: a copy serves every file of the same bytes; a file that was replaced gets its own.
func TestGzipCopy(t *testing.T) {
	folder := cacheFolder(t)
	dir := t.TempDir()
	path := packed(t, filepath.Join(dir, "a.tfrecords.gz"), frame(t, []byte("old")))
	contents(t, path)
	moved := filepath.Join(dir, "moved.tfrecords.gz")
	if err := os.Rename(path, moved); err != nil {
		t.Fatal(err)
	}
	contents(t, moved)
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("copies of one file: %v, %v", entries, err)
	}
	packed(t, path, frame(t, []byte("new")))
	if got := contents(t, path); string(got[0]) != "new" {
		t.Errorf("after the file was replaced: %q", got)
	}
	if err := os.RemoveAll(folder); err != nil { // the cache may be deleted at any time
		t.Fatal(err)
	}
	if got := contents(t, path); string(got[0]) != "new" {
		t.Errorf("after the cache was deleted: %q", got)
	}
}

// TestGzipOldCopies removes copies that were not read for long, and no others.
func TestGzipOldCopies(t *testing.T) {
	folder := cacheFolder(t)
	dir := t.TempDir()
	contents(t, packed(t, filepath.Join(dir, "a.tfrecords.gz"), frame(t, []byte("a"))))
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	old := filepath.Join(folder, entries[0].Name())
	then := time.Now().Add(-copyKept - time.Hour)
	if err := os.Chtimes(old, then, then); err != nil {
		t.Fatal(err)
	}
	part, fresh := filepath.Join(folder, ".vsim-part-x-1"), filepath.Join(folder, ".vsim-part-x-2")
	for _, name := range []string{part, fresh} {
		if err := os.WriteFile(name, []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if yesterday := time.Now().Add(-partKept - time.Hour); os.Chtimes(part, time.Now(), yesterday) != nil {
		t.Fatal("chtimes")
	}
	contents(t, packed(t, filepath.Join(dir, "b.tfrecords.gz"), frame(t, []byte("b"))))
	if _, err := os.Stat(part); !os.IsNotExist(err) {
		t.Errorf("what a killed process left: %v", err)
	}
	if err := os.Remove(fresh); err != nil {
		t.Errorf("what another process is writing: %v", err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old copy: %v", err)
	}
	if entries, err = os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("copies: %v, %v", entries, err)
	}
}

// TestGzipWithoutCache reads through a temporary file where no cache folder can be had.
func TestGzipWithoutCache(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	path := packed(t, filepath.Join(t.TempDir(), "a.tfrecords.gz"), frame(t, []byte("one"), []byte("two")))
	if got := contents(t, path); len(got) != 2 {
		t.Errorf("%d records", len(got))
	}
	if entries, err := os.ReadDir(temp); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestGzipErrors names the file and what is wrong, and leaves no copy.
func TestGzipErrors(t *testing.T) {
	folder := cacheFolder(t)
	ratio, floor := maxRatio, ratioFloor
	t.Cleanup(func() { maxRatio, ratioFloor = ratio, floor })
	maxRatio, ratioFloor = 10, 1000
	dir := t.TempDir()
	good := packed(t, filepath.Join(dir, "good.tfrecords.gz"), frame(t, bytes.Repeat([]byte("abcdefgh"), 20)))
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	damaged[len(damaged)-6] ^= 1 // of the checksum
	for _, k := range []struct {
		name, want string
		data       []byte
	}{
		{"plain", "is named .gz and is no gzip file", frame(t, []byte("plain"))},
		{"pointer", "Git LFS pointer", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")},
		{"empty", "an empty file", nil},
		{"short", "unexpected EOF", whole[:len(whole)/2]},
		{"header", "unexpected EOF", whole[:5]},
		{"damaged", "checksum", damaged},
		{"trailing", "invalid header", append(bytes.Clone(whole), "more bytes behind it"...)},
	} {
		path := filepath.Join(dir, k.name+".tfrecords.gz")
		if err := os.WriteFile(path, k.data, 0o644); err != nil {
			t.Fatal(err)
		}
		refuses(t, path, k.want)
	}
	refuses(t, packed(t, filepath.Join(dir, "bomb.tfrecords.gz"), make([]byte, 1<<20)), "decompress to more than")
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func refuses(t *testing.T, path, want string) {
	t.Helper()
	f, err := Open(path)
	if err == nil {
		f.Close()
		t.Errorf("%s: no error", path)
		return
	}
	var bad *GzipError
	if !errors.As(err, &bad) || bad.File != path || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: %v, want %q", filepath.Base(path), err, want)
	}
}

// TestHint: what is no record file from its first byte on is named.
func TestHint(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(frame(t, []byte("x"))); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	for want, data := range map[string][]byte{
		"a gzip file: name it f.gz and it is read": zipped.Bytes(),
		"an AppleDouble file": append([]byte("\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "), make([]byte,
			100)...),
		"a Git LFS pointer":                      []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
		"an HTML page":                           []byte("<!DOCTYPE html>\n<html><body>Not found</body></html>\n"),
		"(it looks like text, no TFRecord file)": []byte("1\t2\t0.5\n1\t3\t0.25\n"),
		"(it looks like JSON, no TFRecord file)": []byte("{\"vocab_size\": 5}"),
		"a NumPy array":                          []byte("\x93NUMPY\x01\x00v\x00{'descr': '<f4'"),
		"truncated header: 5 of 12 bytes (it looks like an HTML page": []byte("<html"),
	} {
		_, _, errs := scanAll(file(data))
		if len(errs) == 0 || !strings.Contains(errs[0].Error(), want) {
			t.Errorf("%v, want %q", errs, want)
		}
	}
	damaged := frame(t, []byte("one"), []byte("two"))
	damaged[8] ^= 1
	if _, _, errs := scanAll(file(damaged)); len(errs) != 1 || strings.Contains(errs[0].Error(), "looks like") {
		t.Errorf("a damaged record file: %v", errs)
	}
}
