// SPDX-License-Identifier: Apache-2.0

package wheel

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeWheel makes a small wheel in a folder of its own, with its description.
func fakeWheel(t *testing.T) (w Wheel, file string) {
	t.Helper()
	plugin := bytes.Repeat([]byte("not really a plugin\n"), 50)
	var buf bytes.Buffer
	archive := zip.NewWriter(&buf)
	for name, data := range map[string]string{
		"fake/__init__.py": "", "fake/pjrt_c_api_cpu_plugin.so": string(plugin),
		"fake-1.dist-info/licenses/LICENSE": "free", "fake-1.dist-info/licenses/THIRD_PARTY_NOTICES": "all free",
		"fake-1.dist-info/METADATA": "Name: fake",
	} {
		f, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = f.Write([]byte(data))
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "fake-1-py3-none-any.whl")
	if err := os.WriteFile(file, buf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	sum := func(data []byte) string {
		sum, err := sha256Of(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	return Wheel{What: "a fake", Name: "fake", Version: "1", Tag: "any", SHA256: sum(buf.Bytes()), Files: []File{
		{Path: "fake/pjrt_c_api_cpu_plugin.so", SHA256: sum(plugin), Size: int64(len(plugin))},
		{Path: "fake-1.dist-info/licenses/LICENSE", SHA256: sum([]byte("free")), Size: 4},
		{Path: "fake-1.dist-info/licenses/THIRD_PARTY_NOTICES", SHA256: sum([]byte("all free")), Size: 8},
	}}, file
}

// fakePython puts a python3 on PATH that runs the given shell lines with the file's path in $WHEEL; "dest" gives what
// follows --dest.
func fakePython(t *testing.T, file, body string) (calls func() int) {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "calls")
	script := "#!/bin/sh\ndest() { while [ \"$1\" != --dest ]; do shift; done; echo \"$2\"; }\n" + body + "\n"
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	t.Setenv("WHEEL", file)
	t.Setenv("CALLS", log)
	return func() int {
		data, _ := os.ReadFile(log)
		return strings.Count(string(data), "\n")
	}
}

const workingPip = `case "$*" in *"pip download"*) echo x >> "$CALLS"; sleep 0.1; cp "$WHEEL" "$(dest "$@")";; esac`

func TestFetch(t *testing.T) {
	w, file := fakeWheel(t)
	calls := fakePython(t, file, workingPip)
	cache := t.TempDir()
	stale := filepath.Join(cache, ".fake-1-left-by-a-kill")
	if err := os.Mkdir(stale, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "fake-1")
	var log bytes.Buffer
	install := func(wantCalls int) {
		t.Helper()
		if err := w.Fetch(t.Context(), dir, &log); err != nil {
			t.Fatal(err)
		}
		if err := w.Verify(dir); err != nil {
			t.Fatal(err)
		}
		if n := calls(); n != wantCalls {
			t.Fatalf("%d downloads, want %d", n, wantCalls)
		}
	}
	install(1)
	install(1) // everything is installed
	for _, name := range []string{"LICENSE", "THIRD_PARTY_NOTICES"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("the licence files come along: %v", err)
		}
	}
	entries, err := os.ReadDir(cache)
	if err != nil || len(entries) != 2 {
		t.Errorf("cache holds %v (%v), want the plugin's folder and the lock", entries, err)
	}
	if err := os.Truncate(filepath.Join(dir, "pjrt_c_api_cpu_plugin.so"), 7); err != nil {
		t.Fatal(err)
	}
	install(2)
	if !strings.Contains(log.String(), "damaged") {
		t.Errorf("log %q does not say that the plugin was damaged", log.String())
	}
}

func TestFetchInParallelDownloadsOnce(t *testing.T) {
	w, file := fakeWheel(t)
	calls := fakePython(t, file, workingPip)
	dir := filepath.Join(t.TempDir(), "fake-1")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var log bytes.Buffer
			err := w.Fetch(t.Context(), dir, &log)
			if err == nil {
				err = w.Verify(dir)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if calls() != 1 {
		t.Errorf("%d downloads, want 1", calls())
	}
}

func TestFetchWithoutPipUsesVenv(t *testing.T) {
	w, file := fakeWheel(t)
	fakePython(t, file, `case "$*" in
		"-m venv"*) mkdir -p "$3/bin" && printf '#!/bin/sh\nwhile [ "$1" != --dest ]; do shift; done; cp "$WHEEL" "$2"\n' > "$3/bin/python" && chmod +x "$3/bin/python";;
		*) echo "No module named pip" >&2; exit 1;;
	esac`)
	dir := filepath.Join(t.TempDir(), "fake-1")
	if err := w.Fetch(t.Context(), dir, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Verify(dir); err != nil {
		t.Fatal(err)
	}
}

func TestFetchErrors(t *testing.T) {
	tests := []struct{ name, python, want string }{
		{"no network", `case "$*" in *download*) echo "ERROR: No matching distribution found for fake==1" >&2; echo later >&2; exit 1;; esac`, "No matching distribution"},
		{"no pip, no venv", `echo "Error: ensurepip is not available" >&2; exit 1`, "python3-venv"},
		{"another wheel", `case "$*" in *download*) echo other > "$(dest "$@")/fake-1.whl";; esac`, "sha256"},
		{"no wheel", `exit 0`, "0 wheels"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, file := fakeWheel(t)
			fakePython(t, file, tt.python)
			cache := t.TempDir()
			err := w.Fetch(t.Context(), filepath.Join(cache, "fake-1"), &bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line with %q", err, tt.want)
			}
			if left, err := filepath.Glob(filepath.Join(cache, ".*")); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	t.Run("no python", func(t *testing.T) {
		w, _ := fakeWheel(t)
		t.Setenv("PATH", t.TempDir())
		if err := w.Fetch(t.Context(), filepath.Join(t.TempDir(), "fake-1"), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "install Python 3") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("wheel with another plugin", func(t *testing.T) {
		w, file := fakeWheel(t)
		w.Files[0].SHA256 = strings.Repeat("0", 64)
		fakePython(t, file, workingPip)
		if err := w.Fetch(t.Context(), filepath.Join(t.TempDir(), "fake-1"), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("error %v", err)
		}
	})
}

func TestFetchStopsWithItsContext(t *testing.T) {
	w, file := fakeWheel(t)
	fakePython(t, file, `case "$*" in *download*) sleep 30;; esac`)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := w.Fetch(ctx, filepath.Join(t.TempDir(), "fake-1"), &bytes.Buffer{})
	if err == nil || time.Since(start) > 5*time.Second {
		t.Errorf("error %v after %v", err, time.Since(start))
	}
}

func TestVerify(t *testing.T) {
	w, file := fakeWheel(t)
	dir := filepath.Join(t.TempDir(), "out")
	if err := w.unpack(file, dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")
	if err := (File{Path: "gone"}).Verify(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, len(data) / 2, len(data) - 1} {
		data[at] ^= 1
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if w.Verify(dir) == nil || w.Files[0].Verify(dir) == nil {
			t.Errorf("byte %d flipped, and not noticed", at)
		}
		data[at] ^= 1
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.Verify(dir); err != nil {
		t.Error(err)
	}
}

// TestFetchFiles gets files of a wheel once, anew where one is damaged, and nothing that fails its checksum.
func TestFetchFiles(t *testing.T) {
	w, file := fakeWheel(t)
	w.Files = w.Files[:2]
	calls := fakePython(t, file, workingPip)
	dir := filepath.Join(t.TempDir(), "fake-1")
	var log bytes.Buffer
	for i, want := range []int{1, 1, 2} {
		if i == 2 {
			if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("flee"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Fetch(t.Context(), dir, &log); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "LICENSE")); err != nil || string(got) != "free" {
			t.Fatalf("round %d: LICENSE is %q (%v)", i, got, err)
		}
		if n := calls(); n != want {
			t.Fatalf("round %d: %d downloads, want %d", i, n, want)
		}
	}
	for name, spoil := range map[string]func(*File){
		"another checksum": func(f *File) { f.SHA256 = w.Files[0].SHA256 },
		"a smaller size":   func(f *File) { f.Size = 3 },
		"no such file":     func(f *File) { f.Path = "fake-1.dist-info/COPYING" },
	} {
		bad := w
		bad.Files = []File{w.Files[0], w.Files[1]}
		spoil(&bad.Files[1])
		if err := bad.Fetch(t.Context(), filepath.Join(t.TempDir(), "fake-1"), &log); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
