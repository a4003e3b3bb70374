// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"vsim/vsimlib/corpus/fileindex"
	"vsim/vsimlib/tfrecord"
)

// keepAll gives the test a cache folder of its own, in which the index of any file is kept.
func keepAll(t *testing.T) (dir string) {
	t.Helper()
	smallest, settled := cacheSmallest, cacheSettled
	cacheSmallest, cacheSettled = 0, -time.Hour
	t.Cleanup(func() { cacheSmallest, cacheSettled = smallest, settled })
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	return filepath.Join(os.Getenv("XDG_CACHE_HOME"), "vsim", "index")
}

func files(t *testing.T, dir string) (paths []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		paths = append(paths, filepath.Join(dir, e.Name()))
	}
	return paths
}

// record opens a record file without anything else.
func record(t *testing.T, path string) *shard {
	t.Helper()
	f, err := tfrecord.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return &shard{recordFile: recordFile{File: f, name: path}}
}

// seen is all that a corpus says of itself: fingerprint, ids and videos of each part, or the error.
func seen(t *testing.T, dir string) string {
	t.Helper()
	c, err := Open(dir)
	if err != nil {
		return err.Error()
	}
	var b bytes.Buffer
	for _, name := range c.Parts() {
		print, err := c.Fingerprint(name)
		fmt.Fprintln(&b, name, print, err)
		s, err := c.Part(name)
		if err != nil {
			fmt.Fprintln(&b, err)
			continue
		}
		for i := range s.Len() {
			v, err := s.Video(i)
			at, ok := s.Find(v.ID)
			fmt.Fprintln(&b, i, s.ID(i), v, err, at, ok)
		}
	}
	return b.String()
}

// With the cache a corpus is what it is without.
func TestCache(t *testing.T) {
	dir := write(t, small(t))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	want := seen(t, dir)
	cached := keepAll(t)
	if got := seen(t, dir); got != want {
		t.Fatalf("while it is indexed the corpus is\n%s, without the cache\n%s", got, want)
	}
	same(t, "indexes", len(files(t, cached)), 4)
	if got := seen(t, dir); got != want {
		t.Errorf("from the cache the corpus is\n%s, without\n%s", got, want)
	}
	s := record(t, filepath.Join(dir, "pairwise", "pairwise.tfrecords"))
	path, stamp := s.cachePath()
	c, err := readCache(path, stamp)
	read := &shard{recordFile: s.recordFile}
	if problem := read.scan(3, nil, false); err != nil || problem != nil || !reflect.DeepEqual(c, read.Index) {
		t.Fatalf("kept %+v, %v, read %+v, %v", c, err, read.Index, problem)
	}
}

// An index that does not fit the records, with a right checksum and under the right name: where the records that are read first
// show it, the file is read again; otherwise reading that record fails, and the index is removed.
func TestForgedCache(t *testing.T) {
	for _, c := range []struct {
		name  string
		forge func(c *fileindex.Index, number int)
		want  string
	}{
		{"id", func(c *fileindex.Index, n int) { c.IDs[n] = 99 }, "it was 99 when the file was indexed"},
		{"checksum", func(c *fileindex.Index, n int) { c.Sums[n]++ }, "data checksum is now"},
		{"offset", func(c *fileindex.Index, n int) { c.Offsets[n+1] += 8 }, "length is now"},
	} {
		for _, number := range []int{0, 1, 19, 30} {
			cached := keepAll(t)
			var videos []Video
			for id := range int64(40) {
				videos = append(videos, video(id, "t", 1, 5))
			}
			files := small(t)
			files["pairwise/pairwise.tfrecords"] = records(t, videos...)
			dir := write(t, files)
			want := seen(t, dir)
			s := record(t, filepath.Join(dir, "pairwise", "pairwise.tfrecords"))
			path, stamp := s.cachePath()
			index, err := readCache(path, stamp)
			if err != nil {
				t.Fatal(err)
			}
			c.forge(&index, number)
			writeCache(path, stamp, index)
			set := part(t, open(t, dir), "pairwise")
			_, err = set.Video(number)
			switch first := number == 0; {
			case first && (err != nil || seen(t, dir) != want):
				t.Errorf("%s of record %d: %v, not read again", c.name, number, err)
			case !first:
				oneLine(t, err, s.name, fmt.Sprintf("record %d at byte", number), c.want, "the stored index of the file is removed")
				if _, err := os.Stat(path); err == nil {
					t.Errorf("%s of record %d: the index is still in %s", c.name, number, cached)
				}
			}
			if got := seen(t, dir); got != want {
				t.Errorf("%s of record %d: afterwards the corpus is\n%s, want\n%s", c.name, number, got, want)
			}
			same(t, "problems of Check", check(t, dir).ErrorCount, 0)
		}
	}
}

// A folder of indexes that other users can write to is refused, by name; an index that they can write to is made anew.
func TestUntrustedCache(t *testing.T) {
	cached := keepAll(t)
	dir := write(t, small(t))
	want := seen(t, dir)
	for _, path := range files(t, cached) {
		if err := os.Chmod(path, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got := seen(t, dir); got != want {
		t.Errorf("the corpus is\n%s, want\n%s", got, want)
	}
	for _, path := range files(t, cached) {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o022 != 0 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if err := os.Chmod(cached, 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := open(t, dir).Part("pairwise")
	oneLine(t, err, "the folder of its index: "+cached, "can be written by other users (mode 0777)", "chmod -R go-w")
}

// Whatever happens to a file, the next start sees it as it would without the cache.
func TestCacheOfAChangedFile(t *testing.T) {
	cached := keepAll(t)
	for name, change := range map[string]func(path string, b []byte) error{
		"a byte, the time put back": func(path string, b []byte) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			b[30] ^= 1
			if err := os.WriteFile(path, b, 0o644); err != nil {
				return err
			}
			return os.Chtimes(path, info.ModTime(), info.ModTime())
		},
		"replaced, the time kept": func(path string, _ []byte) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			other := records(t, video(16, "y", 2, 5), video(15, "x", 1), video(14, "鸟", 3, 5), video(13, "dog", 1, 7, 99))
			if err := os.WriteFile(path+".new", other, 0o644); err != nil {
				return err
			}
			if err := os.Chtimes(path+".new", info.ModTime(), info.ModTime()); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		},
		"a record more": func(path string, b []byte) error {
			return os.WriteFile(path, append(b, records(t, video(17, "z", 1))...), 0o644)
		},
		"a record twice": func(path string, b []byte) error { return os.WriteFile(path, append(b, b...), 0o644) },
		"cut off":        func(path string, b []byte) error { return os.Truncate(path, int64(len(b)-5)) },
		"another width": func(path string, _ []byte) error {
			return os.WriteFile(path, small(t)["pairwise/pairwise.tfrecords"], 0o644)
		},
		"nothing": func(string, []byte) error { return nil },
	} {
		all := small(t)
		if name == "another width" { // of the only part with frames, until pairwise says otherwise
			wide := Video{ID: 30, Title: "w", NumFrames: 2, Frames: make([]byte, 16)}
			all = map[string][]byte{"test_a/test_a.tfrecords": records(t, video(21, "t", 0), wide), "pairwise/label.tsv": nil}
		}
		dir := write(t, all)
		before := seen(t, dir)
		if len(files(t, cached)) == 0 {
			t.Fatal("nothing is kept")
		}
		path := filepath.Join(dir, "pairwise", "pairwise.tfrecords")
		if err := change(path, all["pairwise/pairwise.tfrecords"]); err != nil {
			t.Fatal(err)
		}
		got := seen(t, dir)
		if err := os.RemoveAll(cached); err != nil {
			t.Fatal(err)
		}
		if want := seen(t, dir); got != want || (got == before) != (name == "nothing") {
			t.Errorf("%s: the corpus is\n%s, without a cache\n%s", name, got, want)
		}
	}
}

// Of a damaged index nothing is taken.
func TestDamagedCache(t *testing.T) {
	cached := keepAll(t)
	dir := write(t, small(t))
	want := seen(t, dir)
	b, err := os.ReadFile(files(t, cached)[0])
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		if _, _, err := fileindex.Parse(b[:n]); err == nil {
			t.Errorf("%d of %d bytes are taken", n, len(b))
		}
		damaged := bytes.Clone(b)
		damaged[n] ^= 1 << (n % 8)
		if _, _, err := fileindex.Parse(damaged); err == nil {
			t.Errorf("a change of byte %d is not seen", n)
		}
	}
	if _, _, err := fileindex.Parse(append(b, 0)); err == nil {
		t.Error("a byte more is taken")
	}
	for _, path := range files(t, cached) {
		if err := os.WriteFile(path, b[:50], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := seen(t, dir); got != want {
		t.Errorf("with a damaged cache the corpus is\n%s, without\n%s", got, want)
	}
	for _, path := range files(t, cached) {
		if info, err := os.Stat(path); err != nil || info.Size() == 50 {
			t.Errorf("%s is not made anew: %v, %v", path, info, err)
		}
	}
}

// A cache that cannot be written costs nothing; small files and those just changed are not kept.
func TestNothingKept(t *testing.T) {
	dir := write(t, small(t))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	want := seen(t, dir)
	for name, set := range map[string]func(t *testing.T){
		"small files":  func(*testing.T) { cacheSmallest = 8 << 20 },
		"fresh files":  func(*testing.T) { cacheSettled = time.Hour },
		"no folder":    func(t *testing.T) { t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "tag_list.txt")) },
		"no home":      func(t *testing.T) { t.Setenv("XDG_CACHE_HOME", ""); t.Setenv("HOME", "") },
		"not absolute": func(t *testing.T) { t.Setenv("XDG_CACHE_HOME", "here") },
	} {
		t.Run(name, func(t *testing.T) {
			cached := keepAll(t)
			set(t)
			if got := seen(t, dir); got != want {
				t.Errorf("the corpus is\n%s, want\n%s", got, want)
			}
			if kept := files(t, cached); len(kept) > 0 {
				t.Errorf("%v is kept", kept)
			}
		})
	}
}
