// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/lock"
	"vsim/vsimlib/safetensors"
)

// Prefixes of a directory that is being written or removed, and of a checkpoint that is being replaced.
const (
	partPrefix = ".part-"
	oldPrefix  = ".old-"
)

func write(dir, name string, step int, groups map[string][]safetensors.Tensor, state any) error {
	entry := entryName(name, step)
	fail := func(err error) error {
		return fmt.Errorf("checkpoint: %s: not saved: %w", filepath.Join(dir, entry), err)
	}
	if got, _, ok := parseEntry(entry); !ok || got != name {
		return fail(errors.New("bad name or step"))
	}
	if err := atomicfile.MkdirAll(dir); err != nil {
		return fail(atomicfile.Cause(err))
	}
	// Before, not after: on a nearly full disk the space that a killed writer took is needed.
	if _, err := tidy(dir); err != nil {
		return fail(err)
	}
	part, release, err := makePart(dir, entry)
	if err != nil {
		return fail(atomicfile.Cause(err))
	}
	defer release()
	err = fill(part, step, groups, state)
	if err == nil {
		err = publish(dir, part, entry)
	}
	if err != nil {
		os.RemoveAll(part)
		return fail(err)
	}
	return nil
}

// makePart makes the directory aside. It stays locked until release, so that another process can distinguish it from one with a
// dead writer.
func makePart(dir, entry string) (path string, release func(), err error) {
	path = filepath.Join(dir, partPrefix+entry+"-"+rand.Text()[:8])
	// Mode 0777 less the umask, as for any directory a command makes; os.MkdirTemp would make it private.
	if err := os.Mkdir(path, 0o777); err != nil {
		return "", nil, err
	}
	release, _, _ = lock.Try(path) // where it cannot be locked, the run directory's lock must suffice
	return path, release, nil
}

// fill writes all files of a checkpoint into the directory aside.
func fill(part string, step int, groups map[string][]safetensors.Tensor, state any) error {
	text, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", stateFile, err)
	}
	m := manifest{Step: step, Files: map[string]identity{}}
	put := func(file string, produce func(w io.Writer) error) error {
		id, err := writeFile(filepath.Join(part, file), produce)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		m.Files[file] = id
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		if !nameRule.MatchString(name) {
			return fmt.Errorf("bad group name %q", name)
		}
		err := put(name+groupSuffix, func(w io.Writer) error { return safetensors.Write(w, groups[name], nil) })
		if err != nil {
			return err
		}
	}
	if err := put(stateFile, bytesOf(append(text, '\n'))); err != nil {
		return err
	}
	text, err = m.encode()
	if err != nil {
		return fmt.Errorf("%s: %w", manifestFile, err)
	}
	// Last: a directory without it is no checkpoint.
	if _, err := writeFile(filepath.Join(part, manifestFile), bytesOf(text)); err != nil {
		return fmt.Errorf("%s: %w", manifestFile, err)
	}
	return atomicfile.Cause(atomicfile.SyncDir(part))
}

func bytesOf(data []byte) func(w io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

// writeFile writes and syncs one file and hashes it on the way.
func writeFile(path string, produce func(w io.Writer) error) (identity, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return identity{}, atomicfile.Cause(err)
	}
	defer f.Close() // a second Close does no harm
	tally := &tally{file: f, hash: sha256.New()}
	buffered := bufio.NewWriterSize(tally, 1<<20)
	err = produce(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = atomicfile.Cause(atomicfile.Sync(f))
	}
	if err == nil {
		err = atomicfile.Cause(f.Close())
	}
	return identity{tally.size, hex.EncodeToString(tally.hash.Sum(nil))}, err
}

// tally writes to a file and computes the identity of its content.
type tally struct {
	file *os.File
	hash hash.Hash
	size int64
}

func (t *tally) Write(p []byte) (int, error) {
	n, err := t.file.Write(p)
	t.hash.Write(p[:n])
	t.size += int64(n)
	return n, atomicfile.Cause(err)
}

// publish gives the complete directory its name. A checkpoint that has the name already is first set aside; a kill between the
// two renames leaves it there for tidy to restore.
func publish(dir, part, entry string) error {
	final, old := filepath.Join(dir, entry), filepath.Join(dir, oldPrefix+entry)
	switch err := atomicfile.Rename(final, old); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return atomicfile.Cause(err)
	}
	if err := atomicfile.Rename(part, final); err != nil {
		_ = atomicfile.Rename(old, final)
		return atomicfile.Cause(err)
	}
	if err := atomicfile.SyncDir(dir); err != nil {
		return fmt.Errorf("the directory cannot be synced: %w", atomicfile.Cause(err))
	}
	_ = os.RemoveAll(old) // what stays is cleared by the next writer
	return nil
}

// alive reports whether the writer of a directory aside is, also by the path of the lock's owner file.
func alive(path string) bool { return lock.Held(strings.TrimSuffix(path, lock.OwnerSuffix)) }

// tidy removes what dead writers left in dir, and restores a checkpoint that one was about to replace. It returns one line for
// each thing that could not be removed, which does no harm.
func tidy(dir string) (warnings []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, atomicfile.Cause(err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if entry, ok := strings.CutPrefix(e.Name(), oldPrefix); ok {
			final := filepath.Join(dir, entry)
			if _, err := os.Lstat(final); errors.Is(err, os.ErrNotExist) {
				if err := atomicfile.Rename(path, final); err != nil {
					return warnings, fmt.Errorf("%s: cannot be taken back: %w", path, atomicfile.Cause(err))
				}
				continue
			}
		} else if !strings.HasPrefix(e.Name(), partPrefix) || alive(path) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			warnings = append(warnings, fmt.Sprintf("checkpoint: %s: cannot be removed: %v", path, atomicfile.Cause(err)))
		}
	}
	return warnings, nil
}
