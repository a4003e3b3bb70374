// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/safetensors"
)

// Loaded is a checkpoint with verified checksums.
type Loaded struct {
	Path  string // its directory
	Step  int
	State json.RawMessage // as given to Save

	manifest manifest
}

// Has reports whether the checkpoint has a group.
func (l *Loaded) Has(name string) bool {
	_, ok := l.manifest.Files[name+groupSuffix]
	return ok
}

// Group reads a group of tensors, in the order of their names.
func (l *Loaded) Group(name string) ([]safetensors.Tensor, error) {
	if !l.Has(name) {
		return nil, fmt.Errorf("checkpoint: %s: has no %s", l.Path, name+groupSuffix)
	}
	f, err := safetensors.Open(filepath.Join(l.Path, name+groupSuffix))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	defer f.Close()
	tensors := []safetensors.Tensor{}
	for _, name := range f.Names() {
		t, err := f.Read(name)
		if err != nil {
			return nil, fmt.Errorf("checkpoint: %w", err)
		}
		tensors = append(tensors, t)
	}
	return tensors, nil
}

// check reads a whole checkpoint and returns it if every file is as its manifest says; the error is one line that names the
// file and the reason. Files that are known are not read.
func check(path string, step int, known *Verified) (*Loaded, error) {
	m, err := readManifest(path, step)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		file := filepath.Join(path, name)
		if known.knows(file) {
			continue
		}
		if err := checkFile(file, m.Files[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	known.add(path, m)
	state, err := filetype.ReadFile(filepath.Join(path, stateFile))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(path, stateFile), atomicfile.Cause(err))
	}
	return &Loaded{Path: path, Step: step, State: bytes.TrimSpace(state), manifest: m}, nil
}
