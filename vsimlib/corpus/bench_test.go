// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bufio"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vsim/vsimlib/tfrecord"
)

// competitionSized writes records as long as the competition's: 13 frames of 1536 at the median, titles of 19 characters.
func competitionSized(b *testing.B, videos int) (path string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "pretrain_0.tfrecords")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	buffered := bufio.NewWriterSize(f, 1<<20)
	w := tfrecord.NewWriter(buffered)
	r := rand.New(rand.NewPCG(1, 2))
	frame := make([]byte, 0, 32*3072)
	for range cap(frame) / 2 {
		frame = binary.LittleEndian.AppendUint16(frame, uint16(r.IntN(0x3c00))) // 0 to 1
	}
	var record []byte
	for id := range videos {
		n := [...]int{9, 10, 10, 11, 12, 13, 13, 15, 18, 21, 27, 32}[r.IntN(12)]
		v := Video{ID: int64(id), Title: "一只猫在草地上追着一个红色的球跑来跑去", ASRText: "今天天气很好", NumFrames: n, Frames: frame[:n*3072],
			Tags: []int64{1, 2, 3, 4, 5}, Category: 10001}
		if record, err = AppendVideo(record[:0], v, true); err == nil {
			err = w.Write(record)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := buffered.Flush(); err != nil {
		b.Fatal(err)
	}
	return path
}

// perCore reports how many bytes a second of one core's time reads: unlike the time that passes, this does not count other
// programs.
func perCore(b *testing.B, size int64) func() {
	spent := func() time.Duration {
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := spent()
	return func() { b.ReportMetric(float64(size)*float64(b.N)/1e9/(spent()-before).Seconds(), "GB/core-s") }
}

// BenchmarkRead reads records in any order, from files in the page cache: both checksums, decoding, all checks and the copy. The
// environment variable VSIM_RECORDS names a record file to read instead of a made-up one (data/bench_readers.py).
func BenchmarkRead(b *testing.B) {
	path := os.Getenv("VSIM_RECORDS")
	if path == "" {
		path = competitionSized(b, 4000)
	}
	s, err := OpenRecords(path)
	if err != nil {
		b.Fatal(err)
	}
	each := s.shards[0].Size() / int64(s.Len())
	order := rand.New(rand.NewPCG(3, 4)).Perm(s.Len())
	b.SetBytes(each)
	b.ReportAllocs()
	defer perCore(b, each)()
	var v Video
	for i := 0; b.Loop(); i++ {
		if err := s.Read(order[i%len(order)], &v); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "videos/s")
}

// BenchmarkIndex reads and checks a whole file, as the first start does, on one core.
func BenchmarkIndex(b *testing.B) {
	path := competitionSized(b, 4000)
	f, err := tfrecord.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	b.SetBytes(f.Size())
	defer perCore(b, f.Size())()
	for b.Loop() {
		if problem := (&shard{recordFile: recordFile{File: f, name: path}}).scan(1536, nil, false); problem != nil {
			b.Fatal(problem)
		}
	}
}

// BenchmarkFind looks up ids among a million.
func BenchmarkFind(b *testing.B) {
	const videos = 1_000_000
	sh := &shard{}
	for id := range int64(videos) {
		sh.IDs = append(sh.IDs, id*id)
	}
	s := newSet([]*shard{sh}, 0)
	for _, id := range sh.IDs {
		_, slot := s.find(id)
		s.add(slot)
	}
	for i := int64(0); b.Loop(); i++ {
		id := i * 7919 % videos
		if _, ok := s.Find(id * id); !ok {
			b.Fatal(id)
		}
	}
}
