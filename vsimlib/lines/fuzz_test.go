// SPDX-License-Identifier: Apache-2.0

package lines

import (
	"bytes"
	"testing"
)

// FuzzEach: lines come in order, none is longer than a line may be, and no line end is in one.
func FuzzEach(f *testing.F) {
	for _, s := range []string{"", "a\tb\n", "\n\n", "a\r\nb", "\uFEFFa\n", "\x1f\x8b\x08", "\xff\xfea\x00", "a\n\n\nb\n\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		last := 0
		_ = Each(bytes.NewReader(data), "f", func(line []byte, at Position, reason string) bool {
			if at.Number <= last || len(line) > MaxLength || bytes.ContainsAny(line, "\n") || reason != "" && len(line) > 0 {
				t.Errorf("line %q at %+v after %d, %q", line, at, last, reason)
			}
			last = at.Number
			return true
		})
	})
}
