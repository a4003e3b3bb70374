// SPDX-License-Identifier: Apache-2.0

package jsonfile

import (
	"strings"
	"testing"
)

// FuzzDecode: any bytes are decoded or give one line of error that names the file.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "{", `{"a": 1}`, `{"a": [1, 2.5, "x"], "b": {"a": 3}}`, "{} {}", `{"n": 1e999}`,
		"\x1f\x8b", "[[[[[["} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var into struct {
			A any
			N int64
			B map[string]*struct{ A float64 }
		}
		for _, strict := range []bool{false, true} {
			err := decode("f.json", data, &into, strict)
			if err != nil && (!strings.HasPrefix(err.Error(), "f.json") || strings.ContainsAny(err.Error(), "\n\r")) {
				t.Errorf("error %q", err)
			}
		}
	})
}
