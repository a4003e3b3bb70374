// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"encoding/json"
	"os"
	"path/filepath"

	"vsim/vsimlib/filetype"
)

// Newest returns the step and the state of the newest checkpoint of Save in dir with all its files in their sizes; ok is false
// where there is none. Unlike Latest it reads no tensors, changes nothing and needs no lock: it is for lists, and its answer may
// be old when it arrives.
func Newest(dir string) (step int, state json.RawMessage, ok bool) {
	steps, _, err := list(dir)
	if err != nil {
		return 0, nil, false
	}
	for _, step := range steps {
		path := filepath.Join(dir, entryName(stepName, step))
		m, err := readManifest(path, step)
		if err != nil || !sized(path, m) {
			continue
		}
		if state, err := filetype.ReadFile(filepath.Join(path, stateFile)); err == nil && json.Valid(state) {
			return step, state, true
		}
	}
	return 0, nil, false
}

// sized reports whether the files of a checkpoint have the sizes of its manifest.
func sized(path string, m manifest) bool {
	for name, want := range m.Files {
		if info, err := os.Stat(filepath.Join(path, name)); err != nil || info.Size() != want.Size {
			return false
		}
	}
	return true
}
