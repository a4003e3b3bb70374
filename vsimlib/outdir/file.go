// SPDX-License-Identifier: Apache-2.0

package outdir

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
)

// FileKind is a kind of file that a verb writes at a path of the user's choice.
type FileKind struct {
	Name string // for messages: embeddings file, submission
	// Made reports whether a file is of this kind by its first bytes, at most [Head]. A file that was damaged further on, or cut off,
	// is of its kind still: its verb writes it again.
	Made func(head []byte) bool
}

// StartsWith is a FileKind's Made for files that begin with these bytes.
func StartsWith(start string) func(head []byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(start)) }
}

// Head is the number of bytes at the start of a file that a kind is recognised by.
const Head = 64 << 10

// CheckFile returns an error, which says what the file at path is, where that is anything but an empty file or one of this kind. A
// path without a file is no error. A verb asks before it overwrites a file, and whatever the user asks for.
func CheckFile(path string, kind FileKind) error {
	f, err := filetype.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, Head))
	if err != nil {
		return fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	if len(head) == 0 || kind.Made(head) {
		return nil
	}
	is := "is no " + kind.Name + " of vsim"
	if what := filetype.What(head); what != "" {
		is = "is " + what + ", no " + kind.Name + " of vsim"
	}
	return fmt.Errorf("%s: %s; use another path", path, is)
}
