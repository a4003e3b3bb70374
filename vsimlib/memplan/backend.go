// SPDX-License-Identifier: Apache-2.0

package memplan

import "strings"

// phrases are what backends say when they have no memory left.
var phrases = []string{"resource_exhausted", "resource exhausted", "out of memory", "out_of_memory", "failed to allocate",
	"bad_alloc"}

// outOfMemory returns what the error of a backend says about memory, on one line; "" for another error.
func outOfMemory(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	lower := strings.ToLower(line)
	at := len(line)
	for _, phrase := range phrases {
		if i := strings.Index(lower, phrase); i >= 0 {
			at = min(at, i)
		}
	}
	if line = line[at:]; len(line) > 200 {
		line = strings.ToValidUTF8(line[:200], "") + "…"
	}
	return line
}
