// SPDX-License-Identifier: Apache-2.0

// Package cachedir is vsim's folder in the user's cache: the pinned plugins, the indexes of corpora, decompressed records. What is
// in it is loaded or believed, so it must be the user's own: a folder or file that other users can change is refused.
package cachedir

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// folder is vsim's in the user's cache folder.
const folder = "vsim"

// Path returns the path of a file or folder below vsim's in the user's cache; nothing is made or checked. It fails where the system
// names no cache folder.
func Path(names ...string) (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder: %w; set HOME or XDG_CACHE_HOME", err)
	}
	return filepath.Join(append([]string{dir, folder}, names...)...), nil
}

// Make makes a folder where it is missing, with those above it, for this user alone, and checks it: itself, and those above it as
// [Check] does.
func Make(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := CheckOne(dir); err != nil {
		return err
	}
	return Check(dir)
}

// UntrustedError is a folder or file of the cache that somebody else can change.
type UntrustedError struct {
	Path, Reason, Fix string
}

// Error gives the three fields on one line.
func (e *UntrustedError) Error() string {
	return fmt.Sprintf("%s: %s, so what vsim stores there cannot be trusted; %s, or set XDG_CACHE_HOME to a folder of your own",
		e.Path, e.Reason, e.Fix)
}

// Check refuses a file or folder in vsim's cache folder that another user owns (root may) or can write to, and the same of the
// folders above it, up to vsim's. What is missing or cannot be reached is not checked. The error is an [UntrustedError].
func Check(path string) error {
	root, err := Path()
	if err != nil {
		return nil // there is no cache, so path is not in it
	}
	for at := filepath.Clean(path); at == root || strings.HasPrefix(at, root+string(filepath.Separator)); at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil {
			if err := trusted(at, info); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckOne is Check for a file or folder anywhere, such as one that the user named in place of vsim's; what is above it is not
// looked at.
func CheckOne(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return trusted(path, info)
}

// Own takes the permission to write from everybody but the owner of a file, which the umask of some systems leaves the group.
func Own(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return os.Chmod(path, info.Mode().Perm()&^othersWrite)
}

// CheckOpen is Check for an open file alone, whatever its name leads to by now.
func CheckOpen(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &UntrustedError{f.Name(), "is not a regular file", "remove it"}
	}
	return trusted(f.Name(), info)
}

// othersWrite are the permissions of a file's group and of all others to write. Access control lists show in those of the group.
const othersWrite = 0o022

func trusted(path string, info fs.FileInfo) error {
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 && int(st.Uid) != os.Geteuid() {
		return &UntrustedError{path, fmt.Sprintf("belongs to user %d, not to you (%d)", st.Uid, os.Geteuid()), "remove it"}
	}
	if mode := info.Mode().Perm(); mode&othersWrite != 0 {
		return &UntrustedError{path, fmt.Sprintf("can be written by other users (mode %04o)", mode), "run `chmod -R go-w` on it"}
	}
	return nil
}
