// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/cachedir"
	"vsim/vsimlib/filetype"
)

// A compressed record file has no offsets to read at. So it is decompressed once, as a stream, into the user's cache folder, and
// read there from then on; offsets in errors are those of the decompressed file. The copy is named by the SHA-256 of the
// compressed bytes: another file under the same name gets another copy, and a moved file finds its own again. A copy that
// has not been read for a month is removed. Where there is no cache folder the copy is a temporary file that ends with the process.

// GzipSuffix ends the name of a compressed record file.
const GzipSuffix = ".gz"

// Bounds of what is decompressed: a small file that holds terabytes of zeros fills no disk. Records compress to a half or a
// tenth; gzip itself ends at 1:1032. Variables for the tests.
var (
	maxRatio   = int64(200)
	ratioFloor = int64(64 << 20) // a file up to this size may have any ratio
)

// copyKept is how long a copy stays that is not read, and partKept how long one that a killed process has not finished.
const (
	copyKept = 30 * 24 * time.Hour
	partKept = 24 * time.Hour
)

// GzipError is a compressed record file that cannot be decompressed.
type GzipError struct {
	File, Reason string
}

// Error gives both fields on one line.
func (e *GzipError) Error() string { return fmt.Sprintf("tfrecord: %s: %s", e.File, e.Reason) }

// copies remembers the copy of each compressed file that this process has opened, so that its bytes are hashed once.
var copies sync.Map // compressedFile -> path of the copy

type compressedFile struct {
	path  string
	stamp Stamp
}

// openGzip opens the decompressed copy of a compressed file, which it makes where there is none.
func openGzip(path string, packed *os.File) (*os.File, error) {
	if hint := notGzip(packed); hint != "" {
		return nil, &GzipError{path, hint}
	}
	stamp, err := stampOf(packed)
	if err != nil {
		return nil, fmt.Errorf("tfrecord: %s: %w", path, err)
	}
	self := compressedFile{path, stamp}
	if copy, ok := copies.Load(self); ok {
		if f, err := filetype.Open(copy.(string)); err == nil {
			return f, nil
		}
	}
	folder, err := cachedir.Path("records")
	if err != nil {
		return unpackedTemporary(path, packed, stamp.Size)
	}
	copy, err := unpackedCopy(folder, path, packed, stamp.Size)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return unpackedTemporary(path, packed, stamp.Size)
	}
	if err != nil {
		return nil, err
	}
	copies.Store(self, copy)
	f, err := filetype.Open(copy)
	if err != nil {
		return nil, fmt.Errorf("tfrecord: %s: its copy: %w", path, err)
	}
	return f, nil
}

// notGzip returns why a file is no gzip file, "" where it is one.
func notGzip(packed *os.File) string {
	prefix := make([]byte, filetype.Prefix)
	n, err := packed.ReadAt(prefix, 0)
	if err != nil && err != io.EOF {
		return atomicfile.Cause(err).Error()
	}
	if filetype.LooksLike(prefix[:n]) == filetype.Gzip {
		return ""
	}
	return "is named " + GzipSuffix + " and is no gzip file" + filetype.Hint(prefix[:n])
}

// unpackedCopy returns the path of the copy in folder, which it makes where it is missing.
func unpackedCopy(folder, path string, packed *os.File, size int64) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(packed, 0, size)); err != nil {
		return "", &GzipError{path, atomicfile.Cause(err).Error()}
	}
	copy := filepath.Join(folder, hex.EncodeToString(h.Sum(nil)[:16]))
	if err := cachedir.Check(folder); err != nil {
		return "", fmt.Errorf("tfrecord: %s: the folder of its copy: %w", path, err)
	}
	if _, err := os.Stat(copy); err == nil && cachedir.Check(copy) == nil {
		return copy, nil
	}
	if err := cachedir.Make(folder); err != nil {
		return "", fmt.Errorf("tfrecord: %s: %w", path, err)
	}
	removeOld(folder)
	var bad error
	err := atomicfile.Write(copy, func(w io.Writer) error {
		bad = unpack(w, path, packed, size)
		return bad
	})
	if bad != nil {
		return "", bad
	}
	if err == nil {
		err = cachedir.Own(copy)
	}
	if err != nil {
		return "", fmt.Errorf("tfrecord: %s: decompressing it: %w", path, err)
	}
	return copy, nil
}

// unpackedTemporary returns a copy that no folder lists and that is gone with its last reader.
func unpackedTemporary(path string, packed *os.File, size int64) (*os.File, error) {
	f, err := os.CreateTemp("", "vsim-records-")
	if err != nil {
		return nil, fmt.Errorf("tfrecord: %s: decompressing it: %w", path, err)
	}
	_ = os.Remove(f.Name())
	if err := unpack(f, path, packed, size); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// unpack decompresses into w, within the bounds.
func unpack(w io.Writer, path string, packed *os.File, size int64) error {
	limit := max(ratioFloor, maxRatio*size)
	r, err := gzip.NewReader(io.NewSectionReader(packed, 0, size))
	if err != nil {
		return &GzipError{path, fmt.Sprintf("cannot be decompressed: %v", noEOF(err))}
	}
	in := &readErrors{r: r}
	n, err := io.Copy(w, io.LimitReader(in, limit+1))
	switch {
	case in.err != nil:
		return &GzipError{path, fmt.Sprintf("cannot be decompressed after %d bytes of records: %v", n, noEOF(in.err))}
	case err != nil:
		return fmt.Errorf("tfrecord: %s: decompressing it: %w", path, err)
	case n > limit:
		return &GzipError{path, fmt.Sprintf("its %d bytes decompress to more than %d, which no records do; unpack it with gunzip if "+
			"they are records",
			size, limit)}
	}
	return nil
}

// readErrors keeps apart what a reader could not read from what its copy could not write.
type readErrors struct {
	r   io.Reader
	err error
}

func (r *readErrors) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// removeOld removes the copies in folder that have not been read for a long time, and what killed writers left. A copy that is
// open stays readable.
func removeOld(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		var st unix.Stat_t
		if unix.Stat(path, &st) != nil {
			continue
		}
		last, limit := max(st.Atim.Sec, st.Mtim.Sec), copyKept
		if strings.HasPrefix(e.Name(), ".") { // still being written, or never finished
			last, limit = st.Mtim.Sec, partKept
		}
		if time.Since(time.Unix(last, 0)) > limit {
			_ = os.Remove(path)
		}
	}
}
