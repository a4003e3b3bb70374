// SPDX-License-Identifier: Apache-2.0

package fileindex

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"vsim/vsimlib/tfrecord"
)

// TestDigest: which records are skipped is part of the digest.
func TestDigest(t *testing.T) {
	seen := map[[32]byte]int{}
	for i, ids := range [][]int64{{5, 3, 9}, {Bad, 3, 9}, {5, Bad, 9}, {5, 3, Bad}, {5, Bad, Bad}} {
		x := Index{IDs: ids, Offsets: []int64{0, 20, 50, 90}, Sums: []uint32{1, 2, 3}}
		x.Finish()
		if other, ok := seen[x.Digest]; ok {
			t.Errorf("the digests of %d and %d are equal", i, other)
		}
		seen[x.Digest] = i
	}
}

// sealed puts a right checksum at the end, so that the fuzzer gets past it.
func sealed(b []byte) []byte {
	n := max(len(b)-4, 0)
	return binary.LittleEndian.AppendUint32(bytes.Clone(b[:n]), crc32.Checksum(b[:n], castagnoli))
}

// What Parse takes is written as the same bytes again.
func FuzzParse(f *testing.F) {
	f.Add((&Index{IDs: []int64{5, 3}, Offsets: []int64{0, 20, 50}, Sums: []uint32{1, 2}, Width: 3}).Append(nil,
		tfrecord.Stamp{Size: 50, Inode: 7, Modified: 8, Changed: 9}))
	f.Add((&Index{Offsets: []int64{0}}).Append(nil, tfrecord.Stamp{}))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, b := range [][]byte{b, sealed(b)} {
			stamp, c, err := Parse(b)
			if err != nil {
				continue
			}
			if again := c.Append(nil, stamp); !bytes.Equal(again, b) {
				t.Fatalf("%x became %x", b, again)
			}
		}
	})
}
