// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"os"
	"runtime"
	"runtime/metrics"
	"syscall"
	"testing"
	"time"
)

// TestCollectLess: the first collection is at 64 MB, and so is the next one; the system has given none of them.
func TestCollectLess(t *testing.T) {
	if os.Getenv("GOGC") != "" {
		t.Skip("GOGC is set")
	}
	read := func(name string) uint64 {
		sample := []metrics.Sample{{Name: name}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	before, collections, percent := peak(t), read("/gc/cycles/total:gc-cycles"), read("/gc/gogc:percent")
	CollectLess()
	if got := read("/gc/heap/goal:bytes"); got < 64<<20 {
		t.Errorf("the heap is first collected at %d MB, want 64", got>>20)
	}
	if got := read("/gc/cycles/total:gc-cycles") - collections; got > 0 {
		t.Errorf("%d collections at the start", got)
	}
	runtime.GC()
	for deadline := time.Now().Add(10 * time.Second); read("/gc/gogc:percent") != percent; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the heap grows sixteenfold after the first collection, too")
		}
	}
	if got := read("/gc/heap/goal:bytes"); got < 64<<20 || got > 80<<20 {
		t.Errorf("the heap is next collected at %d MB, want 64", got>>20)
	}
	if took := peak(t) - before; took > 8<<20 {
		t.Errorf("took %d MB of memory", took>>20)
	}
}

// peak is the most memory that this process had, in bytes.
func peak(t *testing.T) int64 {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" {
		return usage.Maxrss << 10
	}
	return usage.Maxrss
}
