// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// opensAnything lists the files that may open what is no regular file, or only files of their own making: those of the kernel,
// folders that are synced, locks, and packages that only tests use.
var opensAnything = map[string]bool{
	"filetype/open.go": true, "atomicfile/durable.go": true, "atomicfile/dead.go": true, "lock/owner.go": true,
	"backends/system.go": true, "backends/memory.go": true, "provenance/host.go": true, "kernel/processes_linux.go": true,
	"atomicfile/atomicfiletest/disk.go": true, "slurm/slurmtest/cluster.go": true, "filetest/filetest.go": true,
	"filetest/damage.go":           true,
	"study/studytest/studytest.go": true,
}

// TestReaders: all else reads through filetype.Open, which refuses pipes and devices instead of waiting for them.
func TestReaders(t *testing.T) {
	call := regexp.MustCompile(`\bos\.(Open|ReadFile)\(`)
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if found := call.Find(data); found != nil && !opensAnything[filepath.ToSlash(path)] {
			t.Errorf("%s: calls %s…); use package filetype", path, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
