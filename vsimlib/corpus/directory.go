// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/tfrecord"
)

// namesIn adds to the error of a folder in place of a record file which record files are in it.
func namesIn(path string, err error) error {
	if what, ok := errors.AsType[filetype.Irregular](err); !ok || !what.Mode.IsDir() {
		return err
	}
	const atMost = 3
	entries, _ := os.ReadDir(path) // one that cannot be read has no names to give
	var names []string
	for _, e := range entries {
		if _, ok := tfrecord.ParseName(e.Name()); ok && !e.IsDir() {
			names = append(names, filepath.Join(path, e.Name()))
		}
	}
	switch n := len(names); {
	case n > atMost:
		return fmt.Errorf("%w; give the record files in it: %s and %d more", err, strings.Join(names[:atMost], ", "), n-atMost)
	case n > 0:
		return fmt.Errorf("%w; give the record files in it: %s", err, strings.Join(names, ", "))
	}
	return err
}
