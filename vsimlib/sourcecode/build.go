// SPDX-License-Identifier: Apache-2.0

package sourcecode

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"vsim/vsimlib/filetype"
)

// doubt says why the running program may have been built from another text of a file of the checkout at root: because its own
// sources are elsewhere, or because the file was changed after the program was built. "" where nothing suggests it. A program that
// was built with -trimpath does not say where its sources are.
func doubt(root, file string) string {
	own := builtFrom()
	if own != "" && !filetype.Same(own, filepath.Join(root, library, "sourcecode", "build.go")) {
		return "this program was built from " + filepath.Dir(filepath.Dir(filepath.Dir(own))) + ", not from " + root
	}
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	built, err := os.Stat(program)
	if err != nil {
		return ""
	}
	changed, err := os.Stat(filepath.Join(root, filepath.FromSlash(file)))
	if err == nil && changed.ModTime().After(built.ModTime()) {
		return fmt.Sprintf("the file was changed at %s, after this program was built", changed.ModTime().Format("15:04:05"))
	}
	return ""
}

// builtFrom is the path of this file when the program was built, "" where the program does not say it.
func builtFrom() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	return file
}
