// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestWatch: the first reading of a part is reported, the second, from the cache, is not, and an error of the watch ends it with
// nothing kept.
func TestWatch(t *testing.T) {
	every := watchEvery
	watchEvery = 1
	t.Cleanup(func() { watchEvery = every })
	cached := keepAll(t)
	path := filepath.Join(emoji, "pairwise", "pairwise.tfrecords")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	open := func(watch Watch) error {
		c, err := Open(emoji)
		if err != nil {
			t.Fatal(err)
		}
		c.Watch = watch
		_, err = c.Part("pairwise")
		return err
	}

	enough, calls := errors.New("enough"), 0
	err = open(func(read, total int64) error {
		if calls++; calls == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || calls != 3 || len(files(t, cached)) != 0 {
		t.Fatalf("stopped with %v after %d calls, %d indexes kept", err, calls, len(files(t, cached)))
	}

	last := int64(0)
	if err := open(func(read, total int64) error {
		if read <= last || read > total || total != info.Size() {
			t.Errorf("%d of %d bytes are read, %d before, the file has %d", read, total, last, info.Size())
		}
		last = read
		return nil
	}); err != nil || last < info.Size()*9/10 {
		t.Fatalf("%v; last told of were %d of %d bytes", err, last, info.Size())
	}
	if err := open(func(int64, int64) error { return enough }); err != nil {
		t.Errorf("from the cache: %v", err)
	}
}

// TestWatchFiles reads many files at once: the race detector sees what their goroutines share. An error of the watch is passed on.
func TestWatchFiles(t *testing.T) {
	every := watchEvery
	watchEvery = 1
	t.Cleanup(func() { watchEvery = every })
	keepAll(t)
	corpus := map[string][]byte{}
	for i := range int64(16) {
		var videos []Video
		for j := range int64(200) {
			videos = append(videos, video(1000*i+j, "a title", 2))
		}
		corpus[fmt.Sprintf("pointwise/%02d.tfrecords", i)] = records(t, videos...)
	}
	dir, enough, calls := write(t, corpus), errors.New("enough"), 0
	c := open(t, dir)
	c.Watch = func(int64, int64) error {
		if calls++; calls == 1000 {
			return enough
		}
		return nil
	}
	if _, err := c.Part("pointwise"); !errors.Is(err, enough) || calls != 1000 {
		t.Errorf("stopped with %v after %d calls", err, calls)
	}
}
