// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vsim/vsimlib/lock"
)

// folderPrefix begins the names of kernels' temporary folders.
const folderPrefix = "vsim-kernel-"

// longestTemp is how long the path of the system's temporary folder may be: sockets below it, gopls' for one, have paths of at most
// 103 bytes.
const longestTemp = 48

// fresh is the age below which a folder without a lock may be one whose kernel is about to lock it.
const fresh = time.Minute

// folder is a kernel's temporary folder, and its lock, which says that the kernel lives.
type folder struct {
	path   string
	unlock func()
}

// newFolder makes a folder that only this user can enter.
func newFolder() (folder, error) {
	temp := os.TempDir()
	if len(temp) > longestTemp {
		temp = "/tmp"
	}
	sweep(temp)
	path, err := os.MkdirTemp(temp, folderPrefix)
	if err != nil {
		return folder{}, err
	}
	unlock, ok, err := lock.Try(path)
	if err != nil || !ok {
		_ = os.RemoveAll(path)
		return folder{}, fmt.Errorf("%s cannot be locked: %w", path, err)
	}
	return folder{path, unlock}, nil
}

// sweep removes the folders that kernels have left which were killed together with their guards, or with the whole machine.
func sweep(temp string) {
	found, _ := filepath.Glob(filepath.Join(temp, folderPrefix+"*"))
	for _, path := range found {
		info, err := os.Lstat(path)
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < fresh {
			continue
		}
		if unlock, ok, err := lock.Try(path); err == nil && ok {
			_ = os.RemoveAll(path)
			unlock()
		}
	}
}

// file is the path of a file in the folder.
func (f folder) file(name string) string { return filepath.Join(f.path, name) }

// goplsPid is the file in the folder that holds the number of the process gopls.
const goplsPid = "gopls.pid"

// wrapGopls puts a gopls in front of the real one that leaves its process number: GoNB runs it in a group of its own, which the
// guard could not find otherwise. It returns the folder to put on PATH, "" where there is no gopls.
func (f folder) wrapGopls(path string) (bin string, err error) {
	for _, dir := range filepath.SplitList(path) {
		program := filepath.Join(dir, "gopls")
		if info, err := os.Stat(program); err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			continue
		}
		bin := f.file("bin")
		if err := os.MkdirAll(bin, 0o700); err != nil {
			return "", err
		}
		pid := quote(f.file(goplsPid))
		script := "#!/bin/sh\n[ -e " + pid + " ] || echo $$ >" + pid + "\nexec " + quote(program) + " \"$@\"\n"
		return bin, os.WriteFile(filepath.Join(bin, "gopls"), []byte(script), 0o700)
	}
	return "", nil
}

// quote is a word of a shell's.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
