// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// sealed puts a right checksum over the rest where the bytes have one, so that the fuzzer gets past it.
func sealed(data []byte) []byte {
	found := sumRule.FindSubmatchIndex(data)
	if found == nil {
		return data
	}
	sum := sha256.Sum256(data[:found[0]])
	out := append([]byte(nil), data[:found[2]]...)
	return append(append(out, hex.EncodeToString(sum[:])...), data[found[3]:]...)
}

// FuzzParse: no panic, and a manifest that is taken lists files below its directory only.
func FuzzParse(f *testing.F) {
	sum := ",\n  \"sum\": \"" + strings.Repeat("0", 64) + "\"\n}\n"
	for _, s := range []string{"", `{"kind":"run","version":1}`, `{"kind":"run","version":1,"files":{"a":{"size":1,"sha256":"b"}}` + sum,
		`{"kind":"run","version":1,"files":{"../a":{}}` + sum, `{"files":null` + sum, `{"version":2,"files":{}` + sum} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, sealed(data)} {
			m, err := parse(data)
			switch {
			case err != nil && !errors.Is(err, ErrNone) && strings.ContainsAny(err.Error(), "\n\r"):
				t.Errorf("more than one line: %q", err)
			case err != nil:
				continue
			}
			for name := range m.Files {
				if !filepath.IsLocal(name) {
					t.Errorf("lists %q", name)
				}
			}
		}
	})
}
