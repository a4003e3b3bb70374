// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"sync"

	"vsim/vsimlib/tfrecord"
)

// Set is an ordered set of videos that lie in record files, indexed by id. It is immutable and safe for concurrent use; its files
// stay open as long as it is in use.
type Set struct {
	files    []recordFile
	records  []place
	byID     map[int64]int32
	frameDim int
	buffers  *sync.Pool // of *reader, for Video
}

// recordFile is an open file and the name it has in errors.
type recordFile struct {
	*tfrecord.File
	name string
}

// place says where a video lies.
type place struct {
	id     int64
	offset int64
	length int32
	number int32
	file   int32
}

func (p place) entry() tfrecord.Entry {
	return tfrecord.Entry{Number: int(p.number), Offset: p.offset, Length: int(p.length)}
}

// reader is the memory that reading one record takes.
type reader struct {
	buf     []byte
	example tfrecord.Example
}

// OpenRecords reads, checks and indexes all records of the files and keeps their order. An id that occurs twice is an error.
func OpenRecords(files ...string) (*Set, error) {
	opened, err := openFiles(files)
	if err != nil {
		return nil, err
	}
	return index(opened, firstWidth(opened))
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
			return nil, err
		}
		files = append(files, recordFile{File: f, name: path})
	}
	return files, nil
}

// firstWidth is the number of float16 in the first frame of the files, 0 if there are no frames. Bad records are passed over here:
// whoever reads them in earnest names them.
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
			for _, frame := range valuesOf(&e, "frame_feature") {
				if n := len(frame); n > 0 && n%2 == 0 {
					return n / 2
				}
			}
		}
	}
	return 0
}

func valuesOf(e *tfrecord.Example, name string) [][]byte {
	if f := e.Get(name); f != nil {
		return f.Bytes
	}
	return nil
}

// scanFile reads all records of a file in order and hands each to good or bad. bad returns false to stop.
func scanFile(f recordFile, frameDim int, good func(tfrecord.Entry, view), bad func(*Problem) bool) {
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
		var v view
		if err := e.Unmarshal(r.Data); err != nil {
			reason = err.Error()
		} else {
			v, reason = parse(&e, frameDim)
		}
		if reason == "" {
			good(r.Entry, v)
		} else if !bad(recordProblem(f.name, r.Entry, "%s", reason)) {
			return
		}
	}
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

// index reads every record of the files once and stops at the first problem in the order of the files.
func index(files []recordFile, frameDim int) (*Set, error) {
	places, problems := make([][]place, len(files)), make([]*Problem, len(files))
	eachFile(files, func(i int) {
		scanFile(files[i], frameDim, func(e tfrecord.Entry, v view) {
			places[i] = append(places[i], placeOf(e, v.id, i))
		}, func(p *Problem) bool {
			problems[i] = p
			return false
		})
	})
	total := 0
	for i := range files {
		if problems[i] != nil {
			return nil, problems[i]
		}
		total += len(places[i])
	}
	if total == 0 {
		return nil, &Problem{File: files[0].name, Reason: "no records"}
	}
	if total > math.MaxInt32 {
		return nil, &Problem{File: files[0].name, Reason: fmt.Sprintf("%d records are more than can be indexed", total)}
	}
	s := newSet(files, frameDim, total)
	for _, ps := range places {
		for _, p := range ps {
			if first, ok := s.Find(p.id); ok {
				return nil, repeated(files, p, s.records[first])
			}
			s.add(p)
		}
	}
	return s, nil
}

func placeOf(e tfrecord.Entry, id int64, file int) place {
	return place{id: id, offset: e.Offset, length: int32(e.Length), number: int32(e.Number), file: int32(file)}
}

func newSet(files []recordFile, frameDim, total int) *Set {
	return &Set{
		files: files, records: make([]place, 0, total), byID: make(map[int64]int32, total), frameDim: frameDim,
		buffers: &sync.Pool{New: func() any { return new(reader) }},
	}
}

func (s *Set) add(p place) {
	s.byID[p.id] = int32(len(s.records))
	s.records = append(s.records, p)
}

// repeated is the problem of a second record of one id; both places are named.
func repeated(files []recordFile, second, first place) *Problem {
	return recordProblem(files[second.file].name, second.entry(), "id %d stands already in %s: record %d at byte %d",
		second.id, files[first.file].name, first.number, first.offset)
}

// Union is the videos of all sets, in their order; of an id that stands in several sets the first is kept.
func Union(sets ...*Set) *Set {
	total := 0
	for _, s := range sets {
		total += len(s.records)
	}
	u := newSet(nil, 0, total)
	for _, s := range sets {
		base := int32(len(u.files))
		u.files = append(u.files, s.files...)
		if u.frameDim == 0 {
			u.frameDim = s.frameDim
		}
		for _, p := range s.records {
			if _, ok := u.byID[p.id]; ok {
				continue
			}
			p.file += base
			u.add(p)
		}
	}
	return u
}

// Len is the number of videos.
func (s *Set) Len() int { return len(s.records) }

// FrameDim is the number of values of a frame, 0 if no video of the set's files has one.
func (s *Set) FrameDim() int { return s.frameDim }

// ID is the id of video i.
func (s *Set) ID(i int) int64 { return s.records[i].id }

// IDs are the ids of all videos, in order.
func (s *Set) IDs() []int64 {
	ids := make([]int64, len(s.records))
	for i, p := range s.records {
		ids[i] = p.id
	}
	return ids
}

// Find gives the index of the video with that id.
func (s *Set) Find(id int64) (int, bool) {
	i, ok := s.byID[id]
	return int(i), ok
}

// Video reads video i from its file and checks it again.
func (s *Set) Video(i int) (Video, error) {
	p := s.records[i]
	f := s.files[p.file]
	r := s.buffers.Get().(*reader)
	defer s.buffers.Put(r)
	if n := int(p.length) + 16; cap(r.buf) < n { // 16: the framing
		r.buf = make([]byte, n)
	}
	data, err := f.Read(p.entry(), r.buf)
	if err != nil {
		return Video{}, framingProblem(f.name, err)
	}
	if err := r.example.Unmarshal(data); err != nil {
		return Video{}, recordProblem(f.name, p.entry(), "%v", err)
	}
	v, reason := parse(&r.example, s.frameDim)
	if reason == "" && v.id != p.id {
		reason = fmt.Sprintf("id is now %d, it was %d when the file was indexed", v.id, p.id)
	}
	if reason != "" {
		return Video{}, recordProblem(f.name, p.entry(), "%s", reason)
	}
	return v.video(), nil
}
