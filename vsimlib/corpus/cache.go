// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"time"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/cachedir"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/tfrecord"
)

// What index found in a record file is stored in the user's cache folder, so that the next start reads a few bytes a record and not
// the records. It may be deleted at any time. One file a record file, named by the hash of its path, all numbers little-endian:
//
//	cacheMagic
//	size, inode, modified, changed, width, count  uint64
//	id      [count]uint64
//	length  [count]uint32, of the data
//	sum     [count]uint32, the stored checksum of the data
//	CRC32C of all before  uint32
//
// It holds as long as the file's stamp stays the same; one that is damaged or does not fit is made anew, also where a few records
// that are read at the start are not as it says. Failing to keep one is no error. Every record that is read by its help is checked
// again and compared with it: where they differ, the index is removed, and the error says so. A cache folder that other users can
// write to is refused.

// cacheMagic names the format and the rules of schema.Parse that the records have passed: a change of either needs another.
const cacheMagic = "vsimidx2"

const cacheHeader = len(cacheMagic) + 6*8

// Smaller files are read as quickly as their index would be. Of a file that was changed just before it was read, a later change may
// leave the same stamp, for file systems count time in steps of up to two seconds: its index is not stored. Variables for the
// tests.
var (
	cacheSmallest = int64(8 << 20)
	cacheSettled  = 2 * time.Second
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// index fills in the contents from the cache, or else reads and checks the file. Where w stops that, they are worth nothing.
func (s *shard) index(frameDim int, w *watched) (problem *Problem) {
	path, before := s.cachePath()
	if err := cachedir.Check(filepath.Dir(path)); path != "" && err != nil {
		return &Problem{File: s.name, Reason: "the folder of its index: " + err.Error()}
	}
	if c, err := readCache(path, before); err == nil && (c.width == frameDim || c.width == 0) {
		s.contents, s.cached = c, path
		if s.looksRight(frameDim) {
			return nil
		}
		s.cached = ""
	}
	started := time.Now()
	if s.contents, problem = s.scan(frameDim, w); problem != nil || path == "" || w.stopped() != nil {
		return problem
	}
	after, err := s.Stamp()
	if err == nil && after == before && before.Size == s.Size() && started.Sub(time.Unix(0, before.Changed)) >= cacheSettled {
		writeCache(path, before, s.contents)
	}
	return nil
}

// looksRight compares a few records, the first and the last among them, with the index.
func (s *shard) looksRight(frameDim int) bool {
	const looks = 8
	var r reader
	for i := range min(looks, len(s.ids)) {
		number := i
		if len(s.ids) > looks {
			number = i * (len(s.ids) - 1) / (looks - 1)
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
func writeCache(path string, stamp tfrecord.Stamp, c contents) {
	if cachedir.Make(filepath.Dir(path)) != nil {
		return
	}
	err := atomicfile.WriteData(path, appendCache(nil, stamp, c))
	if err == nil {
		_ = cachedir.Own(path)
	}
}

func appendCache(b []byte, stamp tfrecord.Stamp, c contents) []byte {
	b = append(b, cacheMagic...)
	for _, x := range []uint64{uint64(stamp.Size), stamp.Inode, uint64(stamp.Modified), uint64(stamp.Changed), uint64(c.width),
		uint64(len(c.ids))} {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	for _, id := range c.ids {
		b = binary.LittleEndian.AppendUint64(b, uint64(id))
	}
	for number := range c.ids {
		b = binary.LittleEndian.AppendUint32(b, uint32(c.entry(number).Length))
	}
	for _, sum := range c.sums {
		b = binary.LittleEndian.AppendUint32(b, sum)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

var errCache = errors.New("corpus: no index of this file")

// readCache reads the index of the file that has that stamp.
func readCache(path string, stamp tfrecord.Stamp) (contents, error) {
	if path == "" {
		return contents{}, errCache
	}
	if err := cachedir.Check(path); err != nil {
		return contents{}, err
	}
	b, err := filetype.ReadFile(path)
	if err != nil {
		return contents{}, err
	}
	of, c, err := parseCache(b)
	if err == nil && of != stamp {
		err = errCache
	}
	return c, err
}

// parseCache takes an index apart; it allocates no more than the bytes are worth.
func parseCache(b []byte) (stamp tfrecord.Stamp, c contents, err error) {
	n := len(b) - 4
	if n < cacheHeader || string(b[:len(cacheMagic)]) != cacheMagic ||
		crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]) {
		return stamp, c, errCache
	}
	b = b[len(cacheMagic):n]
	var header [6]uint64
	for i := range header {
		header[i], b = binary.LittleEndian.Uint64(b), b[8:]
	}
	stamp = tfrecord.Stamp{Size: int64(header[0]), Inode: header[1], Modified: int64(header[2]), Changed: int64(header[3])}
	count := len(b) / 16
	if len(b)%16 != 0 || header[5] != uint64(count) || header[4] > math.MaxInt32 {
		return stamp, c, errCache
	}
	c.width, c.ids, c.offsets, c.sums = int(header[4]), make([]int64, count), make([]int64, count+1), make([]uint32, count)
	for i := range c.ids {
		c.ids[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
		c.offsets[i+1] = c.offsets[i] + tfrecord.Overhead + int64(binary.LittleEndian.Uint32(b[8*count+4*i:]))
		c.sums[i] = binary.LittleEndian.Uint32(b[12*count+4*i:])
		if c.ids[i] < 0 {
			return stamp, c, errCache
		}
	}
	if c.offsets[count] != stamp.Size {
		return stamp, c, errCache
	}
	c.finish()
	return stamp, c, nil
}
