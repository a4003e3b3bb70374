// SPDX-License-Identifier: Apache-2.0

package corpus

import "sync"

// Watch is called, while record files are read for the first time, how many of their bytes have been read. Its error stops the
// reading and is passed on. It is called by one goroutine at a time.
type Watch func(read, total int64) error

// watchEvery is how many bytes of a file lie between two calls of Watch. A variable for the tests.
var watchEvery = int64(16 << 20)

// watched adds up what is read of several files. A nil one watches nothing.
type watched struct {
	mu          sync.Mutex
	watch       Watch
	read, total int64
	err         error
}

// newWatched is nil where there is no watch.
func newWatched(watch Watch, files []recordFile) *watched {
	if watch == nil {
		return nil
	}
	w := &watched{watch: watch}
	for _, f := range files {
		w.total += f.Size()
	}
	return w
}

// add counts more bytes that were read; false means to stop.
func (w *watched) add(bytes int64) bool {
	if w == nil {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.read += bytes; w.err == nil {
		w.err = w.watch(w.read, w.total)
	}
	return w.err == nil
}

// stopped is the watch's error.
func (w *watched) stopped() error {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}
