// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"vsim/vsimlib/proc"
)

// wheel is a Python wheel that holds a PJRT plugin, of which only that file and the licences are kept.
type wheel struct {
	name, version, tag string // as pip knows them
	sha256             string // of the wheel
	plugin             string // the plugin's file name
	pluginSHA256       string
	pluginSize         int64
	dir                string // the folder for it in vsim's cache folder
}

// pinnedWheel is the XLA:CPU plugin this project is tested with. The checksums are those of the published wheel and of
// the plugin inside it.
var pinnedWheel = wheel{
	name:         "lammps-jax-pjrt-cpu",
	version:      "0.11.2",
	tag:          "manylinux_2_27_x86_64",
	sha256:       "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1",
	plugin:       "pjrt_c_api_cpu_plugin.so",
	pluginSHA256: "ad1309ac822b1b24d51b7f9947c7c9fa9ef5d67f390584cbc3d1fa2428fed9c2",
	pluginSize:   201600336,
	dir:          "pjrt-cpu-0.11.2",
}

// pinnedHere says whether the pinned plugin is made for this platform.
func pinnedHere() bool { return runtime.GOOS == "linux" && runtime.GOARCH == "amd64" && haveXLA }

// cacheDir is vsim's folder in the user's cache.
func cacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("backends: no cache folder: %w; set HOME or XDG_CACHE_HOME", err)
	}
	return filepath.Join(dir, "vsim"), nil
}

// pinnedPath is where the pinned plugin is, or would be.
func pinnedPath() (string, error) {
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	return pinnedWheel.path(dir), nil
}

// Installed says whether the pinned plugin is in the user's cache with the right checksum, and where.
func Installed() (path string, ok bool) {
	path, err := pinnedPath()
	if err != nil || !pinnedHere() {
		return "", false
	}
	return path, pinnedWheel.verify(path) == nil
}

// path is where the plugin is, or would be, in a cache folder.
func (w wheel) path(cache string) string { return filepath.Join(cache, w.dir, w.plugin) }

// verify checks the plugin's size and checksum: code of a torn or altered file must not be loaded. Hashing its
// 200 MB takes about 0.16 s, so it is done at every start rather than trusting sizes and times.
func (w wheel) verify(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != w.pluginSize {
		return fmt.Errorf("%d bytes, want %d: the file is damaged", info.Size(), w.pluginSize)
	}
	sum, err := sha256Of(f)
	if err != nil {
		return err
	}
	if sum != w.pluginSHA256 {
		return fmt.Errorf("sha256 %s, want %s: the file is damaged", sum, w.pluginSHA256)
	}
	return nil
}

func sha256Of(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.CopyBuffer(h, r, make([]byte, 1<<20)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Install puts the pinned XLA:CPU plugin into the user's cache and returns its path; where it is there already, it does
// nothing. It downloads with the user's pip, whose settings (mirrors, proxies) apply, and checks the pinned checksums.
// Parallel calls, of other processes too, install once. Progress is told in log.
func Install(ctx context.Context, log io.Writer) (path string, err error) {
	if !pinnedHere() {
		return "", fmt.Errorf("backends: the pinned XLA:CPU plugin is for linux/amd64 with cgo, this is %s/%s: "+
			"put a PJRT plugin into a folder named by %s; without one the slow pure Go backend is used", runtime.GOOS, runtime.GOARCH, pluginEnv)
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	path, err = pinnedWheel.install(ctx, cache, log)
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return "", fmt.Errorf("backends: installing the XLA:CPU plugin: %w", err)
	}
	return path, nil
}

func (w wheel) install(ctx context.Context, cache string, log io.Writer) (path string, err error) {
	path = w.path(cache)
	if w.verify(path) == nil {
		return path, nil
	}
	unlock, err := proc.Lock(ctx, filepath.Join(cache, w.dir+".lock"), func() {
		_, _ = fmt.Fprintln(log, "vsim: waiting for another process that is installing the XLA:CPU plugin")
	})
	if err != nil {
		return "", err
	}
	defer unlock()
	switch err := w.verify(path); {
	case err == nil:
		return path, nil
	case !errors.Is(err, os.ErrNotExist):
		_, _ = fmt.Fprintf(log, "vsim: %s: %v; installing it anew\n", path, err)
	}
	_, _ = fmt.Fprintf(log, "vsim: installing the XLA:CPU plugin (%s %s, %d MB) into %s\n", w.name, w.version, w.pluginSize/1e6, filepath.Dir(path))
	return path, w.replace(ctx, cache, w.unpack)
}

// replace loads the wheel, unpacks it aside and renames the result into place. A kill at any moment leaves either the
// old state or the new one, or none; what an earlier kill left over is removed first. The caller holds the lock.
func (w wheel) replace(ctx context.Context, cache string, unpack func(wheelFile, dir string) error) error {
	for _, stale := range globs(filepath.Join(cache, "."+w.dir+"-*")) {
		_ = os.RemoveAll(stale)
	}
	tmp, err := os.MkdirTemp(cache, "."+w.dir+"-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	file, err := w.download(ctx, tmp)
	if err != nil {
		return err
	}
	staged := filepath.Join(tmp, "staged")
	if err := unpack(file, staged); err != nil {
		return err
	}
	final := filepath.Join(cache, w.dir)
	if err := os.Rename(final, filepath.Join(tmp, "old")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(staged, final); err != nil {
		return err
	}
	return syncDir(cache)
}
