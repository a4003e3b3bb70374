// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"time"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/cachedir"
	"vsim/vsimlib/corpus/fileindex"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/tfrecord"
)

// What index found in a record file is stored in the user's cache folder, so that the next start reads a few bytes a record and not
// the records. It may be deleted at any time. One file a record file, named by the hash of its path.
//
// It holds as long as the file's stamp stays the same; one that is damaged or does not fit is made anew, also where a few
// records that are read at the start are not as it says. A file with skipped records has none. Failing to keep one is no error.
// Every record that is read by its help is checked again and compared with it: where they differ, the index is removed, and the
// error says so. A cache folder that other users can write to is refused.

// Smaller files are read as quickly as their index would be. Of a file that was changed just before it was read, a later change may
// leave the same stamp, for file systems count time in steps of up to two seconds: its index is not stored. Variables for the
// tests.
var (
	cacheSmallest = int64(8 << 20)
	cacheSettled  = 2 * time.Second
)

// index fills in the index from the cache, or else reads and checks the file. Where w stops that, it is worth nothing.
func (s *shard) index(frameDim int, w *watched, skip bool) (problem *Problem) {
	path, before := s.cachePath()
	if err := cachedir.Check(filepath.Dir(path)); path != "" && err != nil {
		return &Problem{File: s.name, Reason: "the folder of its index: " + err.Error()}
	}
	if x, err := readCache(path, before); err == nil && (x.Width == frameDim || x.Width == 0) {
		s.Index, s.cached = x, path
		if s.looksRight(frameDim) {
			return nil
		}
		s.cached = ""
	}
	started := time.Now()
	if problem = s.scan(frameDim, w, skip); problem != nil || path == "" || w.stopped() != nil || s.skipped.Count > 0 {
		return problem
	}
	after, err := s.Stamp()
	if err == nil && after == before && before.Size == s.Size() && started.Sub(time.Unix(0, before.Changed)) >= cacheSettled {
		writeCache(path, before, s.Index)
	}
	return nil
}

// looksRight compares a few records, the first and the last among them, with the index.
func (s *shard) looksRight(frameDim int) bool {
	const looks = 8
	var r reader
	for i := range min(looks, len(s.IDs)) {
		number := i
		if len(s.IDs) > looks {
			number = i * (len(s.IDs) - 1) / (looks - 1)
		}
		if _, problem := s.read(number, frameDim, &r); problem != nil {
			return false
		}
	}
	return true
}

// forget removes the stored index, where the contents are from one and a record is not as it says, and adds that to the problem.
func (s *shard) forget(p *Problem) {
	if s.cached != "" && os.Remove(s.cached) == nil {
		p.Reason += " (the stored index of the file is removed: the same command reads the file again)"
	}
}

// cachePath is the path of a record file's index, "" where none is stored, and the file's stamp.
func (f recordFile) cachePath() (string, tfrecord.Stamp) {
	stamp, err := f.Stamp()
	if err != nil || f.Size() < cacheSmallest {
		return "", stamp
	}
	path, err := filepath.EvalSymlinks(f.Name())
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return "", stamp
	}
	name := sha256.Sum256([]byte(path))
	path, err = cachedir.Path("index", hex.EncodeToString(name[:16]))
	if err != nil {
		return "", stamp
	}
	return path, stamp
}

// writeCache keeps an index; where that cannot be, the next start reads the file again.
func writeCache(path string, stamp tfrecord.Stamp, x fileindex.Index) {
	if cachedir.Make(filepath.Dir(path)) != nil {
		return
	}
	err := atomicfile.WriteData(path, x.Append(nil, stamp))
	if err == nil {
		_ = cachedir.Own(path)
	}
}

// readCache reads the index of the file that has that stamp.
func readCache(path string, stamp tfrecord.Stamp) (fileindex.Index, error) {
	if path == "" {
		return fileindex.Index{}, fileindex.ErrNone
	}
	if err := cachedir.Check(path); err != nil {
		return fileindex.Index{}, err
	}
	b, err := filetype.ReadFile(path)
	if err != nil {
		return fileindex.Index{}, err
	}
	of, x, err := fileindex.Parse(b)
	if err == nil && of != stamp {
		err = fileindex.ErrNone
	}
	return x, err
}
