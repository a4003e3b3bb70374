// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/text"
	"vsim/vsimlib/tfrecord"
)

// namesIn adds to the error of a folder in place of a record file which record files are in it.
func namesIn(path string, err error) error {
	if what, ok := errors.AsType[filetype.Irregular](err); !ok || !what.Mode.IsDir() {
		return err
	}
	entries, _ := os.ReadDir(path) // one that cannot be read has no names to give
	var names []string
	for _, e := range entries {
		if _, ok := tfrecord.ParseName(e.Name()); ok && !e.IsDir() {
			names = append(names, filepath.Join(path, e.Name()))
		}
	}
	if len(names) == 0 {
		return err
	}
	return fmt.Errorf("%w; give the record files in it: %s", err, text.Few(names, 3))
}
