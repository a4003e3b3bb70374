// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// sources are the files of a checkout that its programs are built from. Go's own stamp also takes other files for a modification;
// notebooks, figures and results change while cells run.
var sources = []string{"vsimlib", "go.mod", "go.sum"}

// unstamped is the revision of a program into which Go did not stamp one, such as that of a notebook's cell: Git's of the checkout
// that it was compiled in, as long as no source there has changed since. modified: the sources differ from the revision. "" where
// this is not known, and in tests, during which files are edited.
func unstamped() (revision string, modified bool) {
	root := BuiltFrom()
	program, err := os.Executable()
	if root == "" || err != nil || strings.HasSuffix(strings.TrimSuffix(program, ".exe"), ".test") || !unchanged(root, program) {
		return "", false
	}
	return gitRevision(root)
}

// BuiltFrom is the checkout that this program was built from, "" where the program does not say it (-trimpath).
func BuiltFrom() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// unchanged reports whether the checkout at root has its sources, and all of them are older than the program.
func unchanged(root, program string) bool {
	built, err := os.Stat(program)
	if err != nil {
		return false
	}
	newer := errors.New("newer")
	for _, name := range sources {
		err := filepath.WalkDir(filepath.Join(root, name), func(_ string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err == nil && info.ModTime().After(built.ModTime()) {
				return newer
			}
			return err
		})
		if err != nil {
			return false
		}
	}
	return true
}

// gitRevision is the revision of the checkout at root, and whether its sources differ from it or Git does not know them; "" where
// root is not in a repository or the machine has no Git.
func gitRevision(root string) (revision string, modified bool) {
	git := func(args ...string) (string, error) {
		out, err := exec.Command("git", append([]string{"--no-optional-locks", "-C", root}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	revision, err := git("rev-parse", "--verify", "HEAD")
	if err != nil {
		return "", false
	}
	changed, err := git(append([]string{"status", "--porcelain", "--"}, sources...)...)
	if err != nil {
		return "", false
	}
	return revision, changed != ""
}
