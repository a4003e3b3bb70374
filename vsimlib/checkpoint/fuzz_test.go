// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzManifest: a manifest that is taken is spelled as it would be written, and lists the state and only files of its directory.
func FuzzManifest(f *testing.F) {
	good, err := manifest{7, map[string]identity{stateFile: {3, "ab"}, "w.safetensors": {9, ""}}}.encode()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", "{}", string(good), strings.Replace(string(good), "7", "8", 1), string(good) + " ",
		strings.Replace(string(good), "w.", "../w.", 1)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(data, 7)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("more than one line: %q", err)
			}
			return
		}
		again, err := m.encode()
		if _, lists := m.Files[stateFile]; err != nil || !bytes.Equal(again, data) || m.Step != 7 || !lists {
			t.Errorf("took %q (%v)", data, err)
		}
		for name := range m.Files {
			if name != filepath.Base(name) {
				t.Errorf("took %q, a file elsewhere", name)
			}
		}
	})
}

// FuzzState: any state of a checkpoint refers to names, or to none; any entry of the folder is a checkpoint's or not.
func FuzzState(f *testing.F) {
	for _, s := range []string{"", "{}", `{"best":{"step":3}}`, `{"named":{"best":3}}`, "null", "step-000012",
		"best-000012", "step-", "-1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		(&Loaded{State: data}).refs()
		_, _, _ = parseEntry(string(data))
	})
}
