// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"sync"

	"vsim/vsimlib/corpus/fault"
	"vsim/vsimlib/corpus/fileindex"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/tfrecord"
)

// recordFile is an open file and the name it has in errors.
type recordFile struct {
	*tfrecord.File
	name string
}

// shard is a record file all of whose records were found good, or are skipped.
type shard struct {
	recordFile
	fileindex.Index
	cached  string     // the stored index that Index is from, "" where the records were read
	skipped fault.List // the bad records
	gaps    []int      // which of them have no length
}

// OpenRecords reads, checks and indexes all records of the files and keeps their order. An id that occurs twice is an error.
func OpenRecords(files ...string) (*Set, error) { return OpenRecordsWatched(nil, nil, files...) }

// OpenRecordsWatched is OpenRecords that reports how far it is. skip, where it is not nil, makes bad records be passed over.
func OpenRecordsWatched(watch Watch, skip *Skip, files ...string) (*Set, error) {
	for _, file := range files {
		if err := checkListedFile(file); err != nil {
			return nil, err
		}
	}
	opened, err := openFiles(files)
	if err != nil {
		return nil, err
	}
	return index(opened, firstWidth(opened), watch, skip)
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

// index makes a set of all records of the files and stops at the first problem in the order of the files, unless skip is not nil
// and the problem is that of a record. watch may be nil.
func index(files []recordFile, frameDim int, watch Watch, skip *Skip) (*Set, error) {
	shards, problems := make([]*shard, len(files)), make([]*Problem, len(files))
	w := newWatched(watch, files)
	eachFile(files, func(i int) {
		shards[i] = &shard{recordFile: files[i]}
		problems[i] = shards[i].index(frameDim, w, skip != nil)
	})
	if err := w.stopped(); err != nil {
		return nil, err
	}
	total := 0
	for i := range files {
		if problems[i] != nil {
			return nil, problems[i]
		}
		total += len(shards[i].IDs)
	}
	if total == 0 {
		return nil, &Problem{File: files[0].name, Reason: "no records"}
	}
	if total > math.MaxInt32 {
		return nil, &Problem{File: files[0].name, Reason: fmt.Sprintf("%d records are more than can be indexed", total)}
	}
	s := newSet(shards, frameDim)
	var err error
	if s.skipped, err = skip.checkSkipped(shards); err != nil {
		return nil, err
	}
	if s.skipped != nil {
		s.chosen = make([]int32, 0, total-s.skipped.Records)
	}
	return s, s.addAll()
}

// addAll makes all good records of the shards videos.
func (s *Set) addAll() error {
	for i, sh := range s.shards {
		for number, id := range sh.IDs {
			if id == fileindex.Bad {
				continue
			}
			first, slot := s.find(id)
			if first >= 0 {
				other, at := s.locate(first)
				return repeated(id, sh.name, sh.Entry(number), other.name, other.Entry(at))
			}
			if s.chosen != nil {
				s.chosen = append(s.chosen, int32(s.starts[i]+number))
			}
			s.add(slot)
		}
	}
	if s.count == 0 {
		return &Problem{File: s.shards[0].name, Reason: "no good records"}
	}
	return nil
}

// repeated is the problem of a second record of one id; both positions are named.
func repeated(id int64, file string, e tfrecord.Entry, firstFile string, first tfrecord.Entry) *Problem {
	return fault.OfRecord(file, e, "id %d is already in %s: record %d at byte %d", id, firstFile, first.Number, first.Offset)
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

// scan reads and checks every record of the file. It stops as w says, and at the first bad record unless these are skipped.
func (sh *shard) scan(frameDim int, w *watched, skip bool) (problem *Problem) {
	sh.Index = fileindex.Index{}
	counted := int64(0) // bytes that w knows of
	scanFile(sh.recordFile, frameDim, func(r tfrecord.Record, v schema.View) bool {
		sh.IDs, sh.Offsets, sh.Sums = append(sh.IDs, v.ID), append(sh.Offsets, r.Offset), append(sh.Sums, r.Checksum)
		if len(v.Frames) > 0 {
			sh.Width = len(v.Frames[0]) / 2
		}
		if r.Offset-counted < watchEvery {
			return true
		}
		more := w.add(r.Offset - counted)
		counted = r.Offset
		return more
	}, func(p *Problem) bool {
		if skip {
			return sh.pass(p)
		}
		problem = p
		return false
	})
	sh.IDs, sh.Sums = slices.Clone(sh.IDs), slices.Clone(sh.Sums) // without the room to grow
	sh.Offsets = slices.Clone(append(sh.Offsets, sh.Size()))
	sh.Finish()
	return problem
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
			p := fault.OfFraming(f.name, err)
			p.Skippable, p.Gap = true, !s.Framed()
			if !bad(p) || !s.Recover() {
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
			p := fault.OfRecord(f.name, r.Entry, "%s", reason)
			p.Skippable = true
			more = bad(p)
		}
		if !more {
			return
		}
	}
}
