// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeWheel makes a small wheel in a folder of its own, with its description.
func fakeWheel(t *testing.T) (w wheel, file string) {
	t.Helper()
	plugin := bytes.Repeat([]byte("not really a plugin\n"), 50)
	var buf bytes.Buffer
	archive := zip.NewWriter(&buf)
	for name, data := range map[string]string{
		"fake/__init__.py": "", "fake/pjrt_c_api_cpu_plugin.so": string(plugin),
		"fake-1.dist-info/licenses/LICENSE": "free", "fake-1.dist-info/licenses/THIRD_PARTY_NOTICES": "all free", "fake-1.dist-info/METADATA": "Name: fake",
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
	w = wheel{name: "fake", version: "1", tag: "any", plugin: "pjrt_c_api_cpu_plugin.so", pluginSize: int64(len(plugin)), dir: "fake-1"}
	w.pluginSHA256, _ = sha256Of(bytes.NewReader(plugin))
	w.sha256, _ = sha256Of(bytes.NewReader(buf.Bytes()))
	return w, file
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

func TestInstall(t *testing.T) {
	w, file := fakeWheel(t)
	calls := fakePython(t, file, workingPip)
	cache := t.TempDir()
	stale := filepath.Join(cache, "."+w.dir+"-left-by-a-kill")
	if err := os.Mkdir(stale, 0o755); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	install := func(wantCalls int) {
		t.Helper()
		path, err := w.install(t.Context(), cache, &log)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.verify(path); err != nil {
			t.Fatal(err)
		}
		if n := calls(); n != wantCalls {
			t.Fatalf("%d downloads, want %d", n, wantCalls)
		}
	}
	install(1)
	install(1) // all is there
	for _, name := range []string{"LICENSE", "THIRD_PARTY_NOTICES"} {
		if _, err := os.Stat(filepath.Join(cache, w.dir, name)); err != nil {
			t.Errorf("the licence files come along: %v", err)
		}
	}
	entries, err := os.ReadDir(cache)
	if err != nil || len(entries) != 2 {
		t.Errorf("cache holds %v (%v), want the plugin's folder and the lock", entries, err)
	}
	if err := os.Truncate(w.path(cache), 7); err != nil {
		t.Fatal(err)
	}
	install(2)
	if !strings.Contains(log.String(), "damaged") {
		t.Errorf("log %q does not say that the plugin was damaged", log.String())
	}
}

func TestInstallInParallelDownloadsOnce(t *testing.T) {
	w, file := fakeWheel(t)
	calls := fakePython(t, file, workingPip)
	cache := t.TempDir()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var log bytes.Buffer
			path, err := w.install(t.Context(), cache, &log)
			if err == nil {
				err = w.verify(path)
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

func TestInstallWithoutPipUsesVenv(t *testing.T) {
	w, file := fakeWheel(t)
	fakePython(t, file, `case "$*" in
		"-m venv"*) mkdir -p "$3/bin" && printf '#!/bin/sh\nwhile [ "$1" != --dest ]; do shift; done; cp "$WHEEL" "$2"\n' > "$3/bin/python" && chmod +x "$3/bin/python";;
		*) echo "No module named pip" >&2; exit 1;;
	esac`)
	path, err := w.install(t.Context(), t.TempDir(), &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.verify(path); err != nil {
		t.Fatal(err)
	}
}

func TestInstallErrors(t *testing.T) {
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
			_, err := w.install(t.Context(), cache, &bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line with %q", err, tt.want)
			}
			if left := globs(filepath.Join(cache, ".*")); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	t.Run("no python", func(t *testing.T) {
		w, _ := fakeWheel(t)
		t.Setenv("PATH", t.TempDir())
		if _, err := w.install(t.Context(), t.TempDir(), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "install Python 3") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("wheel with another plugin", func(t *testing.T) {
		w, file := fakeWheel(t)
		w.pluginSHA256 = strings.Repeat("0", 64)
		fakePython(t, file, workingPip)
		if _, err := w.install(t.Context(), t.TempDir(), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("error %v", err)
		}
	})
}

func TestInstallStopsWithItsContext(t *testing.T) {
	w, file := fakeWheel(t)
	fakePython(t, file, `case "$*" in *download*) sleep 30;; esac`)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := w.install(ctx, t.TempDir(), &bytes.Buffer{})
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
	path := filepath.Join(dir, w.plugin)
	if err := w.verify(filepath.Join(dir, "gone")); !errors.Is(err, os.ErrNotExist) {
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
		if w.verify(path) == nil {
			t.Errorf("byte %d flipped, and not noticed", at)
		}
		data[at] ^= 1
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.verify(path); err != nil {
		t.Error(err)
	}
}

func TestPinIsWhole(t *testing.T) {
	if got := fmt.Sprint(len(pinnedWheel.sha256), len(pinnedWheel.pluginSHA256)); got != "64 64" {
		t.Errorf("checksum lengths %s", got)
	}
	if !strings.Contains(pinnedWheel.dir, pinnedWheel.version) {
		t.Errorf("folder %s does not carry the version %s, so a new pin would not be seen", pinnedWheel.dir, pinnedWheel.version)
	}
}
