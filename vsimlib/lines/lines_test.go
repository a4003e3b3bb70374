// SPDX-License-Identifier: Apache-2.0

package lines

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEach lists what visit is called with.
func TestEach(t *testing.T) {
	long := strings.Repeat("x", MaxLength+1)
	for in, want := range map[string][]string{
		"":                nil,
		"a\nb":            {`1@0 "a" `, `2@2 "b" `},
		"a\r\nb\r\n":      {`1@0 "a" `, `2@3 "b" `},
		"a\n\nb\n\n \n\t": {`1@0 "a" `, `2@2 "" `, `3@3 "b" `},
		"\n\n":            nil,
		long + "\nb\n": {fmt.Sprintf("1@0 \"\" a line of %d bytes, at most %d are expected", MaxLength+2, MaxLength),
			fmt.Sprintf("2@%d \"b\" ", MaxLength+2)},
		"\ufeffa\nb\n":     {`1@0 "" starts with a byte order mark; save the file as UTF-8 without one`, `2@5 "b" `},
		"\x1f\x8b\x08abcd": {`1@0 "" cannot be read (`},
	} {
		var got []string
		err := Each(strings.NewReader(in), "f", func(line []byte, at Position, reason string) bool {
			if strings.HasPrefix(reason, "cannot be read (") {
				reason = "cannot be read ("
			}
			if strings.HasPrefix(reason, "starts with") {
				line = nil
			}
			got = append(got, fmt.Sprintf("%d@%d %q %s", at.Number, at.Offset, line, reason))
			return true
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%.20q: %q, %v, want %q", in, got, err, want)
		}
	}
}

// TestBlankEnd: blank lines at the end are none, up to a number.
func TestBlankEnd(t *testing.T) {
	for n, want := range map[int]int{0: 1, 1: 1, MaxBlank: 1, MaxBlank + 3: 4} {
		count := 0
		err := Each(strings.NewReader("a\n"+strings.Repeat("\n", n)), "f", func([]byte, Position, string) bool { count++; return true })
		if err != nil || count != want {
			t.Errorf("%d blank lines: %d visits, %v, want %d", n, count, err, want)
		}
	}
}

func TestScan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := Scan(path, "f", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte("a\nb\nc\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	count := 0
	if err := Scan(path, "f", func([]byte, Position, string) bool { count++; return count < 2 }); err != nil || count != 2 {
		t.Errorf("%d visits of a visit that stops, %v", count, err)
	}
}
