// SPDX-License-Identifier: Apache-2.0

package ondisk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vsim/vsimlib/cachedir"
	"vsim/vsimlib/filetype"
)

// sizeLimit bounds a folder of programs; those that were used least recently go first. A step of BERT-base takes some 10 MB.
const sizeLimit = 1 << 30

// magic begins a file; then follow the sha256 of the program and the program.
const magic = "vsim program 1\n"

// suffix ends the names of the files.
const suffix = ".program"

func (s *store) path(k key) string { return filepath.Join(s.dir, hex.EncodeToString(k[:16])+suffix) }

// read returns a program. One with a wrong checksum is removed: loading it would run whatever it became. The sum covers the whole
// key too, so that a file under another program's name is none.
func (s *store) read(k key) (program []byte, ok bool) {
	path := s.path(k)
	if cachedir.CheckOne(path) != nil { // it is missing, or somebody else's
		return nil, false
	}
	file, err := filetype.ReadFile(path)
	if err != nil {
		return nil, false
	}
	rest, found := bytes.CutPrefix(file, []byte(magic))
	if !found || len(rest) < sha256.Size || !bytes.Equal(rest[:sha256.Size], sum(k, rest[sha256.Size:])) {
		s.remove(k)
		return nil, false
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // the time of the last use
	return rest[sha256.Size:], true
}

// write stores a program. It is not synced: after a crash, a torn one has a wrong checksum. Where it cannot be written, the next
// process compiles again.
func (s *store) write(k key, program []byte) {
	file, err := os.CreateTemp(s.dir, "*.tmp")
	if err != nil {
		return
	}
	defer func() { _ = os.Remove(file.Name()) }()
	for _, part := range [][]byte{[]byte(magic), sum(k, program), program} {
		if _, err := file.Write(part); err != nil {
			_ = file.Close()
			return
		}
	}
	if file.Close() == nil && os.Rename(file.Name(), s.path(k)) == nil {
		s.trim()
	}
}

func (s *store) remove(k key) { _ = os.Remove(s.path(k)) }

// trim removes the programs that were used least recently until the rest is below the limit, and what killed processes left.
func (s *store) trim() {
	programs, leftovers := list(s.dir)
	for _, path := range leftovers {
		_ = os.Remove(path)
	}
	var total int64
	for _, info := range programs {
		total += info.Size()
	}
	for _, info := range programs {
		if total <= s.limit {
			return
		}
		if os.Remove(filepath.Join(s.dir, info.Name())) == nil {
			total -= info.Size()
		}
	}
}

// list returns a folder's programs, those that were used least recently first, and the temporary files of an hour ago and older.
func list(dir string) (programs []fs.FileInfo, leftovers []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil
	}
	for _, entry := range entries {
		info, err := entry.Info()
		switch {
		case err != nil || !info.Mode().IsRegular():
		case strings.HasSuffix(info.Name(), suffix):
			programs = append(programs, info)
		case strings.HasSuffix(info.Name(), ".tmp") && time.Since(info.ModTime()) > time.Hour:
			leftovers = append(leftovers, filepath.Join(dir, info.Name()))
		}
	}
	slices.SortFunc(programs, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	return programs, leftovers
}

func sum(k key, program []byte) []byte {
	h := sha256.New()
	h.Write(k[:])
	h.Write(program)
	return h.Sum(nil)
}
