// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
)

// Prune keeps the newest keep (at least one) whole checkpoints, whose checksums it verifies first, and removes what is older
// than the newest whole one beyond that. Of the named checkpoints it keeps every one that the Refs of a kept checkpoint names
// and every one newer than the newest whole checkpoint; a name that the newest state does not refer to at all is left alone.
// Where no checkpoint is whole, nothing is removed. A failure to remove is a line in warnings, never an error: it costs space,
// not the run.
func Prune(dir string, keep int) (warnings []string) { return new(Verified).Prune(dir, keep) }

// Prune is the function Prune without reading what v knows.
func (v *Verified) Prune(dir string, keep int) (warnings []string) {
	warnings, ok := tidied(dir)
	if !ok {
		return warnings
	}
	return append(warnings, v.prune(dir, keep)...)
}

// tidied is tidy with an error as a line; ok is false where there was one.
func tidied(dir string) (warnings []string, ok bool) {
	warnings, err := tidy(dir)
	if err != nil {
		return append(warnings, fmt.Sprintf("checkpoint: %s: %v", dir, err)), false
	}
	return warnings, true
}

// prune is Prune where dead writers have left nothing.
func (v *Verified) prune(dir string, keep int) (warnings []string) {
	steps, others, err := list(dir)
	if err != nil {
		return []string{err.Error()}
	}
	var kept []*Loaded
	var doomed []string
	for _, step := range steps {
		entry := entryName(stepName, step)
		if len(kept) >= max(1, keep) {
			doomed = append(doomed, entry)
			continue
		}
		loaded, err := whole(dir, step, v)
		switch {
		case err == nil:
			kept = append(kept, loaded)
		case len(kept) > 0: // older than a whole one, so of no more use
			warnings = append(warnings, fmt.Sprintf("checkpoint removed: %v", err))
			doomed = append(doomed, entry)
		default: // newer: the run has to reach that step again, and will replace it
			warnings = append(warnings, passedOver(err))
		}
	}
	if len(kept) == 0 {
		return warnings
	}
	doomed = append(doomed, unnamed(kept, others)...)
	for _, entry := range doomed {
		warnings = append(warnings, removed(dir, entry)...)
	}
	return warnings
}

// Thin is Prune for a run that is finished: of several checkpoints it keeps the newest whole one, and of the named ones only those
// that this one needs, and of those that a killed process was removing nothing. Where there is one, no tensors are read.
func Thin(dir string) (warnings []string) {
	warnings, ok := tidied(dir)
	if !ok {
		return warnings
	}
	steps, others, err := list(dir)
	if err == nil && len(steps) > 1 {
		warnings = append(warnings, new(Verified).prune(dir, 1)...)
		steps, others, err = list(dir)
	}
	if err != nil {
		return append(warnings, err.Error())
	}
	if len(steps) != 1 || len(others) == 0 {
		return warnings
	}
	needed, err := Needed(dir, steps[0])
	if err != nil {
		return append(warnings, fmt.Sprintf("checkpoint: %v; no checkpoint was removed", err))
	}
	for _, o := range others {
		if at, ok := needed[o.name]; o.step > steps[0] || ok && at == o.step {
			continue
		}
		warnings = append(warnings, removed(dir, entryName(o.name, o.step))...)
	}
	return warnings
}

// Needed returns the named checkpoints that the checkpoint of a step needs, by the Refs of its state.
func Needed(dir string, step int) (map[string]int, error) {
	path := filepath.Join(dir, entryName(stepName, step))
	m, err := readManifest(path, step)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(path, stateFile)
	if err := checkFile(file, m.Files[stateFile]); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	state, err := filetype.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, atomicfile.Cause(err))
	}
	return (&Loaded{State: state}).refs(), nil
}

// Size is the number of bytes of all files below dir; what cannot be read counts nothing.
func Size(dir string) (bytes int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			bytes += info.Size()
		}
		return nil
	})
	return bytes
}

// unnamed returns the named checkpoints that no kept checkpoint (newest first) needs any more.
func unnamed(kept []*Loaded, others []named) []string {
	needed, current := map[named]bool{}, kept[0].refs()
	for _, l := range kept {
		for name, step := range l.refs() {
			needed[named{name, step}] = true
		}
	}
	var entries []string
	for _, o := range others {
		if _, refers := current[o.name]; refers && !needed[o] && o.step <= kept[0].Step {
			entries = append(entries, entryName(o.name, o.step))
		}
	}
	return entries
}

// DropAfter removes the named checkpoints of later steps than the one that a run continues from: it will make them again, or
// others. Failures are lines in warnings.
func DropAfter(dir string, step int) (warnings []string) {
	_, others, err := list(dir)
	if err != nil {
		return []string{err.Error()}
	}
	for _, o := range others {
		if o.step <= step {
			continue
		}
		warnings = append(warnings, removed(dir, entryName(o.name, o.step))...)
	}
	return warnings
}

// removed is remove with the failure as a line.
func removed(dir, entry string) (warnings []string) {
	if err := remove(dir, entry); err != nil {
		warnings = append(warnings, fmt.Sprintf("checkpoint: %s: cannot be removed: %v", filepath.Join(dir, entry),
			atomicfile.Cause(err)))
	}
	return warnings
}

// remove takes a checkpoint's name away first, so that a kill in between leaves no half of one.
func remove(dir, entry string) error {
	part := partPath(dir, entry)
	if err := atomicfile.Rename(filepath.Join(dir, entry), part); err != nil {
		return err
	}
	return os.RemoveAll(part)
}
