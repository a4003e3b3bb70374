// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"sync"

	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/tfrecord"
)

// recordFile is an open file and the name it has in errors.
type recordFile struct {
	*tfrecord.File
	name string
}

// shard is a record file all of whose records were found good.
type shard struct {
	recordFile
	contents
	cached string // the stored index that the contents are from, "" where the records were read
}

// contents is what an index says of a record file.
type contents struct {
	ids     []int64
	offsets []int64           // of the records' headers, and the file's size: one follows the other without a gap
	sums    []uint32          // the stored checksums of the records' data
	width   int               // float16 in a frame, 0 where the file has none
	digest  [sha256.Size]byte // of the records' lengths and stored checksums
}

// finish fills in what follows from the rest.
func (c *contents) finish() {
	digest := sha256.New()
	b := make([]byte, 0, 12<<10)
	for number, sum := range c.sums {
		b = binary.LittleEndian.AppendUint64(b, uint64(c.entry(number).Length))
		b = binary.LittleEndian.AppendUint32(b, sum)
		if len(b) == cap(b) {
			digest.Write(b)
			b = b[:0]
		}
	}
	digest.Write(b)
	digest.Sum(c.digest[:0])
}

// entry is the position of a record.
func (c *contents) entry(number int) tfrecord.Entry {
	return tfrecord.Entry{Number: number, Offset: c.offsets[number],
		Length: int(c.offsets[number+1]-c.offsets[number]) - tfrecord.Overhead}
}

// OpenRecords reads, checks and indexes all records of the files and keeps their order. An id that occurs twice is an error.
func OpenRecords(files ...string) (*Set, error) { return OpenRecordsWatched(nil, files...) }

// OpenRecordsWatched is OpenRecords that tells how far it is.
func OpenRecordsWatched(watch Watch, files ...string) (*Set, error) {
	for _, file := range files {
		if err := checkListedFile(file); err != nil {
			return nil, err
		}
	}
	opened, err := openFiles(files)
	if err != nil {
		return nil, err
	}
	return index(opened, firstWidth(opened), watch)
}

// openFiles opens record files.
func openFiles(paths []string) ([]recordFile, error) {
	if len(paths) == 0 {
		return nil, errors.New("corpus: no record files given")
	}
	var files []recordFile
	for _, path := range paths {
		f, err := tfrecord.Open(path)
		if err != nil {
			for _, f := range files {
				f.Close()
			}
			return nil, namesIn(path, err)
		}
		files = append(files, recordFile{File: f, name: path})
	}
	return files, nil
}

// firstWidth is the number of float16 in the first frame of the files, 0 if there are no frames. Bad records are ignored here:
// the readers of the records report them.
func firstWidth(files []recordFile) int {
	for _, f := range files {
		s := f.Scan()
		var e tfrecord.Example
		for {
			r, err := s.Next()
			if err == io.EOF || (err != nil && !s.Recover()) {
				break
			}
			if err != nil || e.Unmarshal(r.Data) != nil {
				continue
			}
			if dim := schema.Width(&e); dim > 0 {
				return dim
			}
		}
	}
	return 0
}

// firstWidthOf is firstWidth of files that are not open, one after the other. Those that cannot be decompressed are passed over.
func firstWidthOf(paths []string) (int, error) {
	for _, path := range paths {
		files, err := openFiles([]string{path})
		var packed *tfrecord.GzipError
		if errors.As(err, &packed) {
			continue
		}
		if err != nil {
			return 0, err
		}
		dim := firstWidth(files)
		files[0].Close()
		if dim > 0 {
			return dim, nil
		}
	}
	return 0, nil
}

// index makes a set of all records of the files and stops at the first problem in the order of the files. watch may be nil.
func index(files []recordFile, frameDim int, watch Watch) (*Set, error) {
	shards, problems := make([]*shard, len(files)), make([]*Problem, len(files))
	w := newWatched(watch, files)
	eachFile(files, func(i int) {
		shards[i] = &shard{recordFile: files[i]}
		problems[i] = shards[i].index(frameDim, w)
	})
	if err := w.stopped(); err != nil {
		return nil, err
	}
	total := 0
	for i := range files {
		if problems[i] != nil {
			return nil, problems[i]
		}
		total += len(shards[i].ids)
	}
	if total == 0 {
		return nil, &Problem{File: files[0].name, Reason: "no records"}
	}
	if total > math.MaxInt32 {
		return nil, &Problem{File: files[0].name, Reason: fmt.Sprintf("%d records are more than can be indexed", total)}
	}
	s := newSet(shards, frameDim)
	for _, sh := range shards {
		for number, id := range sh.ids {
			first, slot := s.find(id)
			if first >= 0 {
				other, at := s.locate(first)
				return nil, repeated(id, sh.name, sh.entry(number), other.name, other.entry(at))
			}
			s.add(slot)
		}
	}
	return s, nil
}

// repeated is the problem of a second record of one id; both positions are named.
func repeated(id int64, file string, e tfrecord.Entry, firstFile string, first tfrecord.Entry) *Problem {
	return recordProblem(file, e, "id %d is already in %s: record %d at byte %d", id, firstFile, first.Number, first.Offset)
}

// eachFile runs work for every file, on as many goroutines as there are processors.
func eachFile(files []recordFile, work func(i int)) {
	tokens := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i := range files {
		tokens <- struct{}{}
		wg.Go(func() {
			work(i)
			<-tokens
		})
	}
	wg.Wait()
}

// scan reads and checks every record of the file, and stops at the first problem, or as w says.
func (f recordFile) scan(frameDim int, w *watched) (c contents, problem *Problem) {
	counted := int64(0) // bytes that w knows of
	scanFile(f, frameDim, func(r tfrecord.Record, v schema.View) bool {
		c.ids, c.offsets, c.sums = append(c.ids, v.ID), append(c.offsets, r.Offset), append(c.sums, r.Checksum)
		if len(v.Frames) > 0 {
			c.width = len(v.Frames[0]) / 2
		}
		if r.Offset-counted < watchEvery {
			return true
		}
		more := w.add(r.Offset - counted)
		counted = r.Offset
		return more
	}, func(p *Problem) bool {
		problem = p
		return false
	})
	c.ids, c.sums = slices.Clone(c.ids), slices.Clone(c.sums) // without the room to grow
	c.offsets = slices.Clone(append(c.offsets, f.Size()))
	c.finish()
	return c, problem
}

// scanFile reads all records of a file in order and hands each to good or bad, which return false to stop.
func scanFile(f recordFile, frameDim int, good func(tfrecord.Record, schema.View) bool, bad func(*Problem) bool) {
	s := f.Scan()
	var e tfrecord.Example
	for {
		r, err := s.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			if !bad(framingProblem(f.name, err)) || !s.Recover() {
				return
			}
			continue
		}
		reason := ""
		var v schema.View
		if err := e.Unmarshal(r.Data); err != nil {
			reason = err.Error()
		} else {
			v, reason = schema.Parse(&e, frameDim)
		}
		more := false
		if reason == "" {
			more = good(r, v)
		} else {
			more = bad(recordProblem(f.name, r.Entry, "%s", reason))
		}
		if !more {
			return
		}
	}
}
