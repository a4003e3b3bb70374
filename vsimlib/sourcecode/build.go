// SPDX-License-Identifier: Apache-2.0

package sourcecode

import (
	"fmt"
	"os"
	"path/filepath"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/provenance"
)

// doubt says why the running program may have been built from another text of a file of the checkout at root: because its own
// sources are elsewhere, or because the file was changed after the program was built. "" where nothing suggests it. A program that
// was built with -trimpath does not say where its sources are.
func doubt(root, file string) string {
	if own := provenance.BuiltFrom(); own != "" && !filetype.Same(own, root) {
		return "this program was built from " + own + ", not from " + root
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
