// SPDX-License-Identifier: Apache-2.0

// Package plugin finds and installs the pinned XLA:CPU plugin: the PJRT library that XLA computes with, from a published Python
// wheel, in the user's cache. Every program and test of this project uses this version.
package plugin

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/cachedir"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/wheel"
)

// library is the plugin in its wheel.
var library = wheel.File{
	Path:   "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so",
	SHA256: "ad1309ac822b1b24d51b7f9947c7c9fa9ef5d67f390584cbc3d1fa2428fed9c2",
	BLAKE3: "8ab554f9817e355a92ff578e09a8d0d3089e49ba0a165bbbefac60ad13f7816b",
	Size:   201600336,
}

// pinned is the published wheel with the plugin and its licences.
var pinned = wheel.Wheel{
	What:    "the XLA:CPU plugin",
	Name:    "lammps-jax-pjrt-cpu",
	Version: "0.11.2",
	Tag:     "manylinux_2_27_x86_64",
	SHA256:  "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1",
	Files: []wheel.File{library,
		{Path: "lammps_jax_pjrt_cpu-0.11.2.dist-info/licenses/LICENSE", Size: 11356,
			SHA256: "43070e2d4e532684de521b885f385d0841030efa2b1a20bafb76133a5e1379c1"},
		{Path: "lammps_jax_pjrt_cpu-0.11.2.dist-info/licenses/THIRD_PARTY_NOTICES", Size: 251851,
			SHA256: "82ad5ecbaf2c97949993a153fb996b712b8a1cb4f9c5030410a0853de4ebbe8f"},
	},
}

// folder is the plugin's in vsim's cache folder. It has the version, so that a new pin is seen.
const folder = "pjrt-cpu-0.11.2"

// dir is where the plugin and its licences are, or would be.
func dir() (string, error) {
	dir, err := cachedir.Path(folder)
	if err != nil {
		return "", fmt.Errorf("plugin: %w", err)
	}
	return dir, nil
}

// Path returns where the pinned plugin is, "" where it is not installed or this platform cannot load it. The file is not checked.
func Path() string {
	dir, err := dir()
	if err != nil || !supported {
		return ""
	}
	file := filepath.Join(dir, path.Base(library.Path))
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// Open opens a copy of the pinned plugin and checks it: size, checksum, and that no other user can change it. To load what was
// checked, load the open file and not its name: what the name leads to may be replaced at any moment. The 202 MB are hashed at
// each start: a remembered result (by inode, size and times) would be one more file to trust, and would not see the errors of a
// disk.
func Open(file string) (*os.File, error) {
	if err := cachedir.Check(file); err != nil {
		return nil, err
	}
	f, err := filetype.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, atomicfile.Cause(err))
	}
	if err := checkOpen(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// checkOpen is the check of Open.
func checkOpen(f *os.File) error {
	if err := cachedir.CheckOpen(f); err != nil {
		return err
	}
	if err := library.VerifyOpen(f); err != nil {
		return fmt.Errorf("%s: %w; `vsim setup` installs it anew", f.Name(), err)
	}
	return nil
}

// Checksum is the pinned plugin's sha256.
func Checksum() string { return library.SHA256 }

// Installed reports whether the pinned plugin is in the user's cache with the right checksum, and where.
func Installed() (file string, ok bool) {
	if file = Path(); file == "" {
		return "", false
	}
	f, err := Open(file)
	if err != nil {
		return "", false
	}
	_ = f.Close()
	return file, true
}

// Install puts the pinned plugin into the user's cache and returns its path; where it exists already, it does nothing. See
// [wheel.Wheel.Fetch]. Progress goes to log.
func Install(ctx context.Context, log io.Writer) (file string, err error) {
	if !supported {
		return "", fmt.Errorf("plugin: the pinned XLA:CPU plugin is for linux/amd64 with cgo, this is %s/%s: "+
			"put a PJRT plugin into a folder named by PJRT_PLUGIN_LIBRARY_PATH; without one the slow pure Go backend is used",
			runtime.GOOS, runtime.GOARCH)
	}
	dir, err := dir()
	if err != nil {
		return "", err
	}
	if err := pinned.Fetch(ctx, dir, log); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return "", fmt.Errorf("plugin: installing the XLA:CPU plugin: %w", err)
	}
	return filepath.Join(dir, path.Base(library.Path)), nil
}
