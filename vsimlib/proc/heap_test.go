// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"runtime"
	"runtime/metrics"
	"syscall"
	"testing"
)

// TestCollectLess: the next collection is at 64 MB, and the system has given none of them.
func TestCollectLess(t *testing.T) {
	before := peak(t)
	CollectLess()
	runtime.GC()
	goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(goal)
	if got := goal[0].Value.Uint64(); got < 64<<20 {
		t.Errorf("the heap is collected at %d MB, want 64", got>>20)
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
