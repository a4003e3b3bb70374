// SPDX-License-Identifier: Apache-2.0

// Package fileindex is what is known of a record file whose records have all been read, and how that is stored in bytes.
package fileindex

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"

	"vsim/vsimlib/tfrecord"
)

// Index is what is known of the records of a file.
type Index struct {
	IDs     []int64           // of the videos; Bad for a record that is skipped
	Offsets []int64           // of the records' headers, and the file's size: one follows the other without a gap
	Sums    []uint32          // the stored checksums of the records' data
	Width   int               // float16 in a frame, 0 where the file has none
	Digest  [sha256.Size]byte // of the records' lengths and stored checksums; set by Finish
}

// Bad is the id of a record that is skipped. Ids of videos are not negative.
const Bad = -1

// Finish sets the digest, once the rest is complete. A skipped record counts by its length alone, with a mark that no record of a
// file has: the file without the skipping has another digest, and so has one with other records skipped.
func (x *Index) Finish() {
	const skipped = 1 << 63
	digest := sha256.New()
	b := make([]byte, 0, 12<<10)
	for number, sum := range x.Sums {
		length := uint64(x.Entry(number).Length)
		if x.IDs[number] == Bad {
			length, sum = uint64(x.Offsets[number+1]-x.Offsets[number])|skipped, 0
		}
		b = binary.LittleEndian.AppendUint64(b, length)
		b = binary.LittleEndian.AppendUint32(b, sum)
		if len(b) == cap(b) {
			digest.Write(b)
			b = b[:0]
		}
	}
	digest.Write(b)
	digest.Sum(x.Digest[:0])
}

// Entry is the position of a record, of which the length is valid only if it is not skipped.
func (x *Index) Entry(number int) tfrecord.Entry {
	return tfrecord.Entry{Number: number, Offset: x.Offsets[number],
		Length: int(x.Offsets[number+1]-x.Offsets[number]) - tfrecord.Overhead}
}

// The bytes of an index, all numbers little-endian:
//
//	magic
//	size, inode, modified, changed, width, count  uint64
//	id      [count]uint64
//	length  [count]uint32, of the data
//	sum     [count]uint32, the stored checksum of the data
//	CRC32C of all before  uint32

// magic names the format and the rules of schema.Parse that the records have passed: a change of either needs another.
const magic = "vsimidx2"

// headerSize is the size of the bytes before the first id.
const headerSize = len(magic) + 6*8

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Append appends the bytes of an index without skipped records to b. stamp is that of the record file.
func (x *Index) Append(b []byte, stamp tfrecord.Stamp) []byte {
	b = append(b, magic...)
	for _, n := range []uint64{uint64(stamp.Size), stamp.Inode, uint64(stamp.Modified), uint64(stamp.Changed), uint64(x.Width),
		uint64(len(x.IDs))} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	for _, id := range x.IDs {
		b = binary.LittleEndian.AppendUint64(b, uint64(id))
	}
	for number := range x.IDs {
		b = binary.LittleEndian.AppendUint32(b, uint32(x.Entry(number).Length))
	}
	for _, sum := range x.Sums {
		b = binary.LittleEndian.AppendUint32(b, sum)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// ErrNone is the error of bytes that are not an index, or not that of the file.
var ErrNone = errors.New("corpus: no index of this file")

// Parse takes the bytes of an index apart; it allocates no more than their number justifies.
func Parse(b []byte) (stamp tfrecord.Stamp, x Index, err error) {
	n := len(b) - 4
	if n < headerSize || string(b[:len(magic)]) != magic || crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]) {
		return stamp, x, ErrNone
	}
	b = b[len(magic):n]
	var header [6]uint64
	for i := range header {
		header[i], b = binary.LittleEndian.Uint64(b), b[8:]
	}
	stamp = tfrecord.Stamp{Size: int64(header[0]), Inode: header[1], Modified: int64(header[2]), Changed: int64(header[3])}
	count := len(b) / 16
	if len(b)%16 != 0 || header[5] != uint64(count) || header[4] > math.MaxInt32 {
		return stamp, x, ErrNone
	}
	x.Width, x.IDs, x.Offsets, x.Sums = int(header[4]), make([]int64, count), make([]int64, count+1), make([]uint32, count)
	for i := range x.IDs {
		x.IDs[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
		x.Offsets[i+1] = x.Offsets[i] + tfrecord.Overhead + int64(binary.LittleEndian.Uint32(b[8*count+4*i:]))
		x.Sums[i] = binary.LittleEndian.Uint32(b[12*count+4*i:])
		if x.IDs[i] < 0 {
			return stamp, x, ErrNone
		}
	}
	if x.Offsets[count] != stamp.Size {
		return stamp, x, ErrNone
	}
	x.Finish()
	return stamp, x, nil
}
