// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"strings"
	"testing"
)

// FuzzHint: what the first bytes of a file are is said on one line, or not at all.
func FuzzHint(f *testing.F) {
	for _, s := range []string{"", "PK\x03\x04", "\x80\x02", "\x1f\x8b\x08", "<!DOCTYPE html>",
		"version https://git-lfs", "\xff\xfea\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, prefix []byte) {
		if hint := Hint(prefix); strings.ContainsAny(hint, "\n\r") || (hint == "") != (LooksLike(prefix) == "") {
			t.Errorf("%q: %q", prefix, hint)
		}
	})
}
