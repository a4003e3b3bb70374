// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"vsim/vsimlib/atomicfile"
)

// Latest returns the newest checkpoint of Save that is whole, nil where there is none, and one line for each torn or altered
// one that it passed over. It clears what killed writers left, so the caller holds the run directory's lock.
func Latest(dir string) (*Loaded, []string, error) {
	warnings, err := tidy(dir)
	if err != nil {
		return nil, warnings, fmt.Errorf("checkpoint: %s: %w", dir, err)
	}
	steps, _, err := list(dir)
	if err != nil {
		return nil, warnings, err
	}
	for _, step := range steps {
		loaded, err := whole(dir, step, nil)
		if err == nil {
			return loaded, warnings, nil
		}
		warnings = append(warnings, passedOver(err))
	}
	return nil, warnings, nil
}

// whole checks the checkpoint of a step and the named ones that its state refers to: without them a run cannot end.
func whole(dir string, step int, known *Verified) (*Loaded, error) {
	loaded, err := check(filepath.Join(dir, entryName(stepName, step)), step, known)
	if err != nil {
		return nil, err
	}
	for name, at := range loaded.refs() {
		if _, err := check(filepath.Join(dir, entryName(name, at)), at, known); err != nil {
			return nil, err
		}
	}
	return loaded, nil
}

func passedOver(err error) string { return fmt.Sprintf("checkpoint passed over: %v", err) }

// LoadNamed returns the named checkpoint of a step, as the Refs of a state name it.
func LoadNamed(dir, name string, step int) (*Loaded, error) {
	loaded, err := check(filepath.Join(dir, entryName(name, step)), step, nil)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return loaded, nil
}

// named is one named checkpoint in a directory.
type named struct {
	name string
	step int
}

// list returns the steps of the checkpoints in dir, newest first, and the named ones. A missing directory is empty.
func list(dir string) (steps []int, others []named, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("checkpoint: %s: %w", dir, atomicfile.Cause(err))
	}
	for _, e := range entries {
		switch name, step, ok := parseEntry(e.Name()); {
		case !ok:
		case name == stepName:
			steps = append(steps, step)
		default:
			others = append(others, named{name, step})
		}
	}
	sort.Sort(sort.Reverse(sort.IntSlice(steps)))
	return steps, others, nil
}

// refs returns what the state of a checkpoint refers to.
func (l *Loaded) refs() map[string]int {
	var r Refs
	if json.Unmarshal(l.State, &r) != nil {
		return nil // a state of another form refers to nothing
	}
	return r.Named
}
