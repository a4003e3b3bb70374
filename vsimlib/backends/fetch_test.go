// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFetch gets files of a wheel once, anew where one is damaged, and nothing that fails its checksum.
func TestFetch(t *testing.T) {
	inner, file := fakeWheel(t)
	calls := fakePython(t, file, workingPip)
	license, _ := sha256Of(strings.NewReader("free"))
	w := Wheel{Name: "fake", Version: "1", SHA256: inner.sha256, Files: []WheelFile{
		{"fake/pjrt_c_api_cpu_plugin.so", inner.pluginSHA256, inner.pluginSize},
		{"fake-1.dist-info/licenses/LICENSE", license, 4},
	}}
	cache := t.TempDir()
	var log bytes.Buffer
	for i, want := range []int{1, 1, 2} {
		if i == 2 {
			if err := os.WriteFile(filepath.Join(cache, "fake-1", "LICENSE"), []byte("flee"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		dir, err := w.fetch(t.Context(), cache, &log)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "LICENSE")); err != nil || string(got) != "free" {
			t.Fatalf("round %d: LICENSE is %q (%v)", i, got, err)
		}
		if n := calls(); n != want {
			t.Fatalf("round %d: %d downloads, want %d", i, n, want)
		}
	}
	for name, spoil := range map[string]func(*WheelFile){
		"another checksum": func(f *WheelFile) { f.SHA256 = inner.pluginSHA256 },
		"a smaller size":   func(f *WheelFile) { f.Size = 3 },
		"no such file":     func(f *WheelFile) { f.Path = "fake-1.dist-info/COPYING" },
	} {
		bad := w
		bad.Files = []WheelFile{w.Files[0], w.Files[1]}
		spoil(&bad.Files[1])
		if _, err := bad.fetch(t.Context(), t.TempDir(), &log); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
