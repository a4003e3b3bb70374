// SPDX-License-Identifier: Apache-2.0

// Package filetype recognises, by their first bytes, the files that people often have where vsim expects another: compressed
// records, a page of a website saved under a model's name, the pointer that Git LFS leaves for a file not fetched. Every reader
// asks it when a file is not what it should be, so that the error says what the file is and what to do.
package filetype

import (
	"bytes"
	"unicode/utf8"
)

// Prefix is the number of bytes at the start of a file that LooksLike looks at.
const Prefix = 512

// The kinds of file that LooksLike recognises.
const (
	Empty       = "an empty file"
	Gzip        = "a gzip file"
	Zlib        = "a zlib stream"
	Zip         = "a ZIP archive, as PyTorch's pickled checkpoints are"
	Pickle      = "a Python pickle"
	NumPy       = "a NumPy array (.npy)"
	HDF5        = "an HDF5 file, as TensorFlow's .h5 weights are"
	HTML        = "an HTML page"
	LFSPointer  = "a Git LFS pointer"
	AppleDouble = "an AppleDouble file, which macOS writes beside a file on foreign volumes"
	UTF16       = "UTF-16 text"
	ByteOrder   = "text with a byte order mark"
)

// advice is what to do about a kind of file, whatever reader met it.
var advice = map[string]string{
	Empty:       "copy or download it again",
	Gzip:        "unpack it with gunzip",
	Zlib:        "unpack it first",
	HTML:        "the download saved a web page in place of the file",
	LFSPointer:  "the file itself was not fetched: git lfs pull",
	AppleDouble: "it has nothing of that file's contents; remove it",
	UTF16:       "save it as UTF-8",
	ByteOrder:   "save it as UTF-8 without one",
}

// signatures are the first bytes of a kind of file. Of several that fit the first counts.
var signatures = []struct{ kind, prefix string }{
	{Gzip, "\x1f\x8b\x08"},
	{Zip, "PK\x03\x04"}, {Zip, "PK\x05\x06"},
	{NumPy, "\x93NUMPY"},
	{HDF5, "\x89HDF\r\n\x1a\n"},
	{AppleDouble, "\x00\x05\x16\x07"}, {AppleDouble, "\x00\x05\x16\x00"},
	{LFSPointer, "version https://git-lfs"}, {LFSPointer, "version https://hawser"},
	{ByteOrder, "\xef\xbb\xbf"},
	{UTF16, "\xff\xfe"}, {UTF16, "\xfe\xff"},
	// Pickles of protocol 2 to 5; older ones have no mark.
	{Pickle, "\x80\x02"}, {Pickle, "\x80\x03"}, {Pickle, "\x80\x04"}, {Pickle, "\x80\x05"},
	// A window of 32 kB, and the four levels of compression (RFC 1950).
	{Zlib, "\x78\x01"}, {Zlib, "\x78\x5e"}, {Zlib, "\x78\x9c"}, {Zlib, "\x78\xda"},
}

// LooksLike returns the kind of a file by its first bytes, one of the constants of this package, or "" where it recognises none.
// At least the first [Prefix] bytes should be given, or all where the file has fewer. A file of the right kind may begin with the
// same bytes by chance, so ask only once the reader has found it wrong.
func LooksLike(prefix []byte) string {
	if len(prefix) == 0 {
		return Empty
	}
	for _, s := range signatures {
		if bytes.HasPrefix(prefix, []byte(s.prefix)) && (len(s.prefix) > 2 || !byChance(prefix)) {
			return s.kind
		}
	}
	text := bytes.ToLower(bytes.TrimLeft(prefix[:min(len(prefix), Prefix)], " \t\r\n"))
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<?xml"} {
		if bytes.HasPrefix(text, []byte(tag)) {
			return HTML
		}
	}
	return ""
}

// byChance reports whether two bytes at the start may equal a signature by chance: the file is text, or it starts with a small
// number of eight bytes, as TFRecord and safetensors files do.
func byChance(prefix []byte) bool {
	whole := prefix[:max(0, len(prefix)-utf8.UTFMax)] // the last character may be cut
	return len(whole) > 0 && utf8.Valid(whole) || len(prefix) >= 8 && bytes.Equal(prefix[3:8], make([]byte, 5))
}

// Hint returns, for the end of an error message, what the file looks like and what to do: " (it looks like a gzip file: unpack it
// with gunzip)"; "" where LooksLike recognises nothing.
func Hint(prefix []byte) string {
	kind := LooksLike(prefix)
	if kind == "" {
		return ""
	}
	verb := "it looks like "
	if kind == Empty {
		verb = "it is "
	}
	if do := advice[kind]; do != "" {
		kind += ": " + do
	}
	return " (" + verb + kind + ")"
}
