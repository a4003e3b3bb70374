// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"

	"vsim/vsimlib/tfrecord"
)

// The counts are those of the shipped corpus's own build log (data/emoji/README.md).
func TestEmoji(t *testing.T) {
	c := open(t, emoji)
	same(t, "parts", c.Parts(), []string{"pointwise", "pairwise", "test_a", "test_b"})
	for name, want := range map[string]int{"pointwise": 1147, "pairwise": 964, "test_a": 322, "test_b": 321} {
		same(t, name, part(t, c, name).Len(), want)
	}
	for name, want := range map[string]int{"pairwise": 12000, "test_a": 2893} {
		pairs, err := c.Pairs(name)
		if err != nil {
			t.Fatal(err)
		}
		same(t, name+" pairs", len(pairs), want)
	}
	dim, err := c.FrameDim()
	if err != nil || dim != 128 {
		t.Errorf("frame_dim %d, %v", dim, err)
	}
	tags, err := c.Tags()
	if err != nil || len(tags) != 663 || !slices.IsSorted(tags) {
		t.Errorf("%d tags, sorted %v, %v", len(tags), slices.IsSorted(tags), err)
	}
	if c.VocabPath() != filepath.Join(emoji, "vocab.txt") || c.Dir() != filepath.Clean(emoji) {
		t.Errorf("%q, %q", c.VocabPath(), c.Dir())
	}
	same(t, "pairwise lies inside pointwise", Union(part(t, c, "pointwise"), part(t, c, "pairwise")).Len(), 1147)
	same(t, "all videos", Union(part(t, c, "pointwise"), part(t, c, "test_a"), part(t, c, "test_b")).Len(), 1147+322+321)
	v, err := part(t, c, "test_a").Video(321)
	if err != nil || v.NumFrames < 1 || v.NumFrames > 8 || len(v.Frames) != v.NumFrames*256 || v.Title == "" || v.Tags != nil ||
		v.Category != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

// The records of data/emoji were written by build.py's own encoder (keys sorted, numbers packed): decoded to a Video and encoded
// again they are the same bytes.
func TestEmojiRoundTrip(t *testing.T) {
	for _, name := range []string{"pointwise/pretrain_0", "pairwise/pairwise", "test_a/test_a", "test_b/test_b"} {
		path := filepath.Join(emoji, name+".tfrecords")
		f, err := tfrecord.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		set, err := OpenRecords(path)
		if err != nil {
			t.Fatal(err)
		}
		s := f.Scan()
		var b []byte
		for i := 0; ; i++ {
			r, err := s.Next()
			if err == io.EOF {
				same(t, name, i, set.Len())
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			v, err := set.Video(i)
			if err != nil {
				t.Fatal(err)
			}
			if b, err = AppendVideo(b[:0], v, filepath.Dir(name)[0] == 'p'); err != nil || !bytes.Equal(b, r.Data) {
				t.Fatalf("%s record %d is not the same after decoding and encoding (%v)", name, i, err)
			}
		}
	}
}

func TestSmallCorpus(t *testing.T) {
	c := open(t, write(t, small(t)))
	same(t, "parts", c.Parts(), []string{"pointwise", "pairwise", "test_a"})
	s := part(t, c, "pointwise")
	same(t, "ids, in the order of the files", s.IDs(), ids(11, 14))
	for i, want := range []Video{video(11, "一只猫", 2, 5, 7), video(12, "", 0), video(13, "dog", 1, 7, 99), video(14, "鸟", 3, 5)} {
		v, err := s.Video(i)
		if err != nil || !reflect.DeepEqual(v, want) {
			t.Errorf("video %d: %+v, %v, want %+v", i, v, err, want)
		}
		if at, ok := s.Find(want.ID); !ok || at != i || s.ID(i) != want.ID {
			t.Errorf("Find(%d) = %d, %v", want.ID, at, ok)
		}
	}
	if _, ok := s.Find(99); ok {
		t.Error("Find(99) found something")
	}
	u := Union(s, part(t, c, "pairwise"), part(t, c, "test_a"))
	same(t, "union", u.IDs(), append(ids(11, 16), 21, 22))
	same(t, "union's frame_dim", u.frameDim, 3)
	for i := range u.Len() {
		if v, err := u.Video(i); err != nil || v.ID != u.ID(i) {
			t.Errorf("union's video %d: id %d, %v", i, v.ID, err)
		}
	}
	if again := part(t, c, "pointwise"); again != s {
		t.Error("a second Part indexes again")
	}
	tags, err := c.Tags()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "tags, sorted", tags, []int64{5, 7})
	pairs, err := c.Pairs("pairwise")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "pairs", pairs, []Pair{{A: 13, B: 14, Score: .5}, {A: 14, B: 13, Score: .55}, {A: 15, B: 16, Score: 1},
		{A: 15, B: 16, Score: 1}, {A: 16, B: 16, Score: 0}})
	_, err = c.Part("test_b")
	oneLine(t, err, c.Dir(), `"test_b" is missing`)
	_, err = c.Pairs("test_a")
	oneLine(t, err, filepath.Join("test_a", "label.tsv"))
}

// Unions of unions, of sets that share videos, and the first videos of any, hold what a list and a map would.
func TestUnion(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var sets []*Set
	var lists [][]int64
	for range 80 {
		if k := len(sets); k > 2 && r.IntN(2) == 0 {
			var of []*Set
			var list []int64
			for range r.IntN(4) {
				at := r.IntN(k)
				of, list = append(of, sets[at]), append(list, lists[at]...)
			}
			seen := map[int64]bool{}
			list = slices.DeleteFunc(list, func(id int64) bool { was := seen[id]; seen[id] = true; return was })
			sets, lists = append(sets, Union(of...)), append(lists, list)
			continue
		}
		if k := len(sets); k > 2 && r.IntN(4) == 0 {
			at, n := r.IntN(k), r.IntN(5)
			sets, lists = append(sets, sets[at].First(n)), append(lists, lists[at][:min(n, len(lists[at]))])
			continue
		}
		var paths []string
		var list []int64
		dir := t.TempDir()
		for f := range 1 + r.IntN(3) {
			var videos []Video
			for range r.IntN(6) {
				if id := r.Int64N(40); !slices.Contains(list, id) {
					videos, list = append(videos, video(id, "t", r.IntN(2))), append(list, id)
				}
			}
			paths = append(paths, filepath.Join(dir, string(rune('a'+f))))
			if err := os.WriteFile(paths[f], records(t, videos...), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if s, err := OpenRecords(paths...); err == nil {
			sets, lists = append(sets, s), append(lists, list)
		} else if len(list) > 0 {
			t.Fatal(err)
		}
	}
	for k, s := range sets {
		if !slices.Equal(s.IDs(), lists[k]) || s.Len() != len(lists[k]) {
			t.Fatalf("set %d holds %v, want %v", k, s.IDs(), lists[k])
		}
		for id := range int64(41) {
			want := slices.Index(lists[k], id)
			if at, ok := s.Find(id); ok != (want >= 0) || (ok && at != want) {
				t.Fatalf("set %d: %d is at %d, %v, want %d", k, id, at, ok, want)
			}
		}
		for i, id := range lists[k] {
			if v, err := s.Video(i); err != nil || v.ID != id || s.ID(i) != id {
				t.Fatalf("set %d: video %d is %v, %v, want %d", k, i, v, err, id)
			}
		}
	}
}

// What an open corpus keeps in memory is ids, positions, checksums and the table by id, 28 bytes a video, and in a union the table
// again.
func TestMemory(t *testing.T) {
	held := func(n int64) (set, union int64) {
		dir := write(t, map[string][]byte{
			"pointwise/a.tfrecords":   many(t, 0, n/2),
			"pointwise/b.tfrecords":   many(t, n/2, n),
			"test_a/test_a.tfrecords": many(t, n-n/4, n+n/4),
		})
		c := open(t, dir)
		before := heap()
		points := part(t, c, "pointwise")
		set = heap() - before
		tests := part(t, c, "test_a")
		before = heap()
		all := Union(points, tests)
		union = heap() - before
		same(t, "videos", []int{points.Len(), all.Len()}, []int{int(n), int(n + n/4)})
		runtime.KeepAlive(c)
		return set, union
	}
	const few, more = 8_000, 40_000
	set1, union1 := held(few)
	set2, union2 := held(more)
	for what, c := range map[string]struct{ grown, videos, most int64 }{
		"a set":   {set2 - set1, more - few, 28},
		"a union": {union2 - union1, (more - few) * 3 / 2, 12}, // a quarter of its records are there twice
	} {
		if each := float64(c.grown) / float64(c.videos); each > float64(c.most)+1 || each < float64(c.most)-2 {
			t.Errorf("%s holds %.1f bytes a record, want %d", what, each, c.most)
		}
	}
}

// many frames small records.
func many(t *testing.T, from, to int64) []byte {
	t.Helper()
	var videos []Video
	for id := from; id < to; id++ {
		videos = append(videos, Video{ID: id})
	}
	return records(t, videos...)
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	for range 3 { // what a finalizer or a pool held goes with the second
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestConcurrentReads(t *testing.T) {
	s := part(t, open(t, emoji), "pairwise")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := g; i < s.Len(); i += 7 {
				if v, err := s.Video(i); err != nil || v.ID != s.ID(i) {
					t.Errorf("video %d: id %d, want %d, %v", i, v.ID, s.ID(i), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestOpenRefuses(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	_, err := Open(missing)
	oneLine(t, err, missing, "no such folder")
	_, err = Open(filepath.Join(emoji, "tag_list.txt"))
	oneLine(t, err, "not a folder")
	_, err = Open(t.TempDir())
	oneLine(t, err, "no records")
	_, err = Open(write(t, map[string][]byte{"pairwise/pairwise.tfrecords": nil, "pointwise/x.tfrecords": nil}))
	oneLine(t, err, "empty")
	for _, dir := range []string{missing, t.TempDir()} {
		if r, err := Check(dir); err == nil {
			t.Errorf("Check finds %+v in %s", r, dir)
		}
	}
	if _, err := OpenRecords(); err == nil {
		t.Error("OpenRecords of no files")
	}
	if _, err := OpenRecords(missing); err == nil {
		t.Error("OpenRecords of a missing file")
	}
}

// An empty part beside a full one is an error of that part only.
func TestEmptyPart(t *testing.T) {
	files := small(t)
	files["test_a/test_a.tfrecords"] = nil
	files["pointwise/b.tfrecords"] = nil // an empty shard beside a full one hides no record, but somebody should know
	dir := write(t, files)
	c := open(t, dir)
	_, err := c.Part("test_a")
	oneLine(t, err, filepath.Join("test_a", "test_a.tfrecords"), "no records")
	same(t, "pointwise", part(t, c, "pointwise").Len(), 2)
	errs := check(t, dir).Errors
	same(t, "errors", len(errs), 2)
	oneLine(t, errs[0], "pointwise/b.tfrecords", "has no records", "an empty file")
	oneLine(t, errs[1], "test_a/test_a.tfrecords", "no records")
	same(t, "warnings", c.Warnings(), []string{dir + ": empty record files: pointwise/b.tfrecords, test_a/test_a.tfrecords"})
}

func TestNoFramesAnywhere(t *testing.T) {
	dir := write(t, map[string][]byte{"pointwise/a.tfrecords": records(t, video(1, "a", 0), video(2, "b", 0))})
	c := open(t, dir)
	same(t, "videos", part(t, c, "pointwise").Len(), 2)
	_, err := c.FrameDim()
	oneLine(t, err, dir, "no video has a frame")
	same(t, "errors", len(check(t, dir).Errors), 0)
}

// A folder whose name holds wildcards is a folder like any other.
func TestFolderNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[1]*? b")
	if err := os.Rename(write(t, small(t)), dir); err != nil {
		t.Fatal(err)
	}
	same(t, "videos", part(t, open(t, dir), "pointwise").Len(), 4)
	t.Chdir(dir)
	c := open(t, ".")
	same(t, "videos", part(t, c, "pointwise").Len(), 4)
	here, err := c.Fingerprint(c.Parts()...)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := open(t, dir).Fingerprint(c.Parts()...); err != nil || there != here {
		t.Errorf("fingerprint of . %s, of the folder's path %s, %v", here, there, err)
	}
}

func TestFingerprint(t *testing.T) {
	of := func(files map[string][]byte) string {
		c := open(t, write(t, files))
		f, err := c.Fingerprint(c.Parts()...)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	base := of(small(t))
	if of(small(t)) != base {
		t.Error("equal corpora differ")
	}
	for name := range small(t) {
		files := small(t)
		if filepath.Ext(name) == ".tfrecords" {
			files[name] = records(t, video(31, "other title", 2, 5, 7), video(32, "", 0))
		} else {
			files[name] = slices.Concat(files[name][:len(files[name])-2], []byte("9\n"))
		}
		if of(files) == base {
			t.Errorf("a change of %s is not seen", name)
		}
		if files = small(t); name != "pairwise/pairwise.tfrecords" {
			delete(files, name)
			if of(files) == base {
				t.Errorf("the loss of %s is not seen", name)
			}
		}
	}
	files := small(t)
	files["pointwise/b.tfrecords"] = files["pointwise/b.tfrecords"][:30]
	_, err := open(t, write(t, files)).Fingerprint("pointwise")
	oneLine(t, err, filepath.Join("pointwise", "b.tfrecords"), "record 0 at byte 0", "truncated data")
}

func TestSampleFrames(t *testing.T) {
	for _, c := range []struct {
		n, max int
		want   []int
	}{
		{0, 8, nil}, {3, 8, []int{0, 1, 2}}, {8, 8, ints(8)}, {9, 8, []int{0, 1, 2, 3, 5, 6, 7, 8}},
		{16, 8, []int{1, 3, 5, 7, 9, 11, 13, 15}}, {100, 4, []int{12, 37, 62, 87}}, {5, 1, []int{2}}, {5, 0, nil},
	} {
		got := SampleFrames(c.n, c.max)
		if !slices.Equal(got, c.want) {
			t.Errorf("SampleFrames(%d, %d) = %v, want %v", c.n, c.max, got, c.want)
		}
	}
	for n := range 300 {
		got := SampleFrames(n, 32)
		for i, f := range got {
			if f < 0 || f >= n || (i > 0 && f <= got[i-1]) || (n > 32 && f+got[len(got)-1-i] != n-1 && (2*i+1)*n%64 != 0) {
				t.Fatalf("SampleFrames(%d, 32) = %v: not ascending, not inside or not symmetric", n, got)
			}
		}
	}
}

func ints(n int) []int { return SampleFrames(n, math.MaxInt32) }
