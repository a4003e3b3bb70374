// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"os"
	"runtime"
	"runtime/debug"
)

// untouched is counted as a part of Go's heap, but since nothing writes to it, the system has no memory behind it.
//
//lint:ignore U1000 It is never read: it only keeps its memory from being collected.
var untouched []byte

// first is collected by the first collection. It has a pointer, since Go may collect small objects without one later.
type first struct{ _ *first }

// CollectLess lets Go's heap grow by some 64 MB before it is collected. As Go starts out, it collects at 4 MB, and after each
// doubling from there: short commands spent a fifth of their time on that. Most of them now end before the first collection.
func CollectLess() {
	if os.Getenv("GOGC") == "" { // else the making of untouched starts a collection
		was := debug.SetGCPercent(1600) // of 4 MB, the least that Go takes
		runtime.AddCleanup(new(first), func(was int) { debug.SetGCPercent(was) }, was)
	}
	untouched = make([]byte, 32<<20)
}
