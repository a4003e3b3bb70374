// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"fmt"
	"hash/maphash"
	"math/bits"
	"sort"
	"sync"

	"vsim/vsimlib/corpus/fault"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/tfrecord"
)

// Set is an ordered set of videos in record files, indexed by id. It is immutable and safe for concurrent use; its files
// stay open as long as it is in use. Nothing of the records is in memory but their ids and positions, about 28 bytes a video; a
// Union takes 8 to 12 more.
type Set struct {
	shards   []*shard
	starts   []int   // of the shards' records among those of all shards, and the number of all
	chosen   []int32 // the record of each video among those of all shards; nil: all of them
	count    int
	slots    []int32 // hash table of the videos, by id: 1 + the index, 0 where there is none
	frameDim int
	buffers  *sync.Pool // of *reader, for Video
	skipped  *Skipped   // of the shards; nil if nothing is
}

// FrameDim is the number of float16 in a frame, 0 where no video has one.
func (s *Set) FrameDim() int { return s.frameDim }

// reader is the memory that reading one record takes.
type reader struct {
	buf     []byte
	example tfrecord.Example
}

// newSet is a set of no videos, with room for as many as shards have.
func newSet(shards []*shard, frameDim int) *Set {
	s := &Set{shards: shards, starts: make([]int, 1, len(shards)+1), frameDim: frameDim,
		buffers: &sync.Pool{New: func() any { return new(reader) }}}
	total := 0
	for _, sh := range shards {
		total += len(sh.IDs)
		s.starts = append(s.starts, total)
	}
	s.slots = make([]int32, 2*total+1) // half of them stay empty, so a search looks at one or two
	return s
}

// Union is the videos of all sets, in their order; of an id in several sets the first counts.
func Union(sets ...*Set) *Set {
	if len(sets) == 1 {
		return sets[0]
	}
	var shards []*shard
	frameDim, most := 0, 0
	for _, s := range sets {
		shards = append(shards, s.shards...)
		if frameDim == 0 {
			frameDim = s.frameDim
		}
		most += s.count
	}
	u := newSet(shards, frameDim)
	u.chosen = make([]int32, 0, most)
	base := 0
	for _, s := range sets {
		for i := range s.count {
			record := base + s.record(i)
			if _, slot := u.find(s.ID(i)); u.slots[slot] == 0 {
				u.chosen = append(u.chosen, int32(record))
				u.add(slot)
			}
		}
		base += s.starts[len(s.shards)]
	}
	if u.count == base {
		u.chosen = nil
	}
	return u
}

// First is the first n videos of the set, or all where it has fewer.
func (s *Set) First(n int) *Set {
	if n >= s.count {
		return s
	}
	f := newSet(s.shards, s.frameDim)
	f.chosen = make([]int32, n)
	for i := range n {
		f.chosen[i] = int32(s.record(i))
		_, slot := f.find(s.ID(i))
		f.add(slot)
	}
	return f
}

// add makes the next record a video; slot is where find looked for its id.
func (s *Set) add(slot int) {
	s.count++
	s.slots[slot] = int32(s.count)
}

// hashSeed keeps a corpus from being made whose ids all fall into one slot.
var hashSeed = maphash.MakeSeed()

// find gives the index of the video with that id and its slot, or an empty slot and no index.
func (s *Set) find(id int64) (i, slot int) {
	high, _ := bits.Mul64(maphash.Comparable(hashSeed, id), uint64(len(s.slots)))
	for slot = int(high); ; slot++ {
		if slot == len(s.slots) {
			slot = 0
		}
		i = int(s.slots[slot]) - 1
		if i < 0 || s.ID(i) == id {
			return i, slot
		}
	}
}

// record is the number of video i's record among those of all shards.
func (s *Set) record(i int) int {
	if s.chosen != nil {
		return int(s.chosen[i])
	}
	return i
}

// locate returns video i's shard and the number of its record there.
func (s *Set) locate(i int) (sh *shard, number int) {
	record := s.record(i)
	k := sort.Search(len(s.shards), func(k int) bool { return s.starts[k+1] > record })
	return s.shards[k], record - s.starts[k]
}

// Len is the number of videos.
func (s *Set) Len() int { return s.count }

// Skipped is what of the files was passed over, nil if nothing was.
func (s *Set) Skipped() *Skipped { return s.skipped }

// ID is the id of video i.
func (s *Set) ID(i int) int64 {
	sh, number := s.locate(i)
	return sh.IDs[number]
}

// IDs are the ids of all videos, in order.
func (s *Set) IDs() []int64 {
	ids := make([]int64, s.count)
	for i := range ids {
		ids[i] = s.ID(i)
	}
	return ids
}

// Find gives the index of the video with that id.
func (s *Set) Find(id int64) (int, bool) {
	i, _ := s.find(id)
	return max(i, 0), i >= 0
}

// Video reads video i from its file and checks it again.
func (s *Set) Video(i int) (Video, error) {
	var v Video
	err := s.Read(i, &v)
	return v, err
}

// Read is Video into v, whose tags' and frames' memory is used again.
func (s *Set) Read(i int, v *Video) error {
	sh, number := s.locate(i)
	e := sh.Entry(number)
	r := s.buffers.Get().(*reader)
	defer s.buffers.Put(r)
	if n := e.Length + tfrecord.Overhead; cap(r.buf) < n {
		r.buf = make([]byte, n)
	}
	now, problem := sh.read(number, s.frameDim, r)
	if problem != nil {
		sh.forget(problem)
		return problem
	}
	now.CopyTo(v)
	return nil
}

// read reads a record into r, checks it, and compares it with the index.
func (sh *shard) read(number, frameDim int, r *reader) (now schema.View, problem *Problem) {
	e := sh.Entry(number)
	record, err := sh.ReadRecord(e, r.buf)
	if err != nil {
		return now, fault.OfFraming(sh.name, err)
	}
	if err := r.example.Unmarshal(record.Data); err != nil {
		return now, fault.OfRecord(sh.name, e, "%v", err)
	}
	now, reason := schema.Parse(&r.example, frameDim)
	switch {
	case reason != "":
	case now.ID != sh.IDs[number]:
		reason = fmt.Sprintf("id is now %d, it was %d when the file was indexed", now.ID, sh.IDs[number])
	case record.Checksum != sh.Sums[number]:
		reason = fmt.Sprintf("data checksum is now %08x, it was %08x when the file was indexed", record.Checksum, sh.Sums[number])
	}
	if reason != "" {
		return now, fault.OfRecord(sh.name, e, "%s", reason)
	}
	return now, nil
}
