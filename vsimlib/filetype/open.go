// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Open opens a regular file for reading. Anything else is refused at once: a pipe or terminal would be waited for, a device such as
// /dev/zero has no end, and what vsim reads it reads more than once. /dev/stdin and the pipes of process substitution, <(…), are
// among these. The error is one of package os, with the path.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path) // before opening: to open a pipe waits for its writer, to open a device may do something
	if err != nil {
		if named, ok := errors.AsType[*os.PathError](err); ok {
			named.Op = "open"
		}
		return nil, err
	}
	if err := regular(path, info); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil { // it may be another file by now
		err = regular(path, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ReadFile is os.ReadFile of a regular file.
func ReadFile(path string) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// regular returns an error that says what a file is that is not regular, and what to do.
func regular(path string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return &os.PathError{Op: "open", Path: path, Err: Irregular{info.Mode().Type()}}
}

// Irregular is the error of Open for what is no regular file; the value is its type.
type Irregular struct{ Mode fs.FileMode }

// Error says what the file is and what to do.
func (e Irregular) Error() string {
	switch {
	case e.Mode.IsDir():
		return "is a directory"
	case e.Mode&fs.ModeNamedPipe != 0:
		return "is a pipe, not a regular file; write its contents to a file first"
	case e.Mode&fs.ModeSocket != 0:
		return "is a socket, not a regular file"
	case e.Mode&fs.ModeDevice != 0:
		return "is a device, not a regular file; write its contents to a file first"
	}
	return "is not a regular file"
}

// IsIrregular reports whether err is that of Open for what is no regular file.
func IsIrregular(err error) bool {
	_, ok := errors.AsType[Irregular](err)
	return ok
}

// Same reports whether two paths lead to the same file or directory.
func Same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
