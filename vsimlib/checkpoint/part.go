// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/safetensors"
)

// Part is a checkpoint that is being written, in a directory aside. Begin copies the tensors, so that their memory may change
// afterwards; Finish, which another goroutine may call, does all that takes long and gives the checkpoint its name. A Part needs
// no memory for the copy: it is in the file, which the system writes to the disk when Finish syncs it.
type Part struct {
	dir, entry string
	path       string // the directory aside
	step       int
	state      []byte
	files      []string // with tensors
	release    func()
}

// Begin starts the checkpoint of a step and copies groups and state, into the files of a reserve where it is not nil. One with a
// name, such as "best", is in addition to older ones of that name: a later Prune removes those, once a checkpoint with the new
// one in its Refs is safe. So at any moment of a kill, the checkpoint that a run continues from finds the best one that it refers
// to. On an error, a full disk for one, nothing in dir has changed.
func Begin(dir, name string, step int, groups map[string]Group, state any, reserve *Reserve) (*Part, error) {
	p, err := begin(dir, name, step, groups, state, reserve)
	if err != nil && reserve != nil && !reserve.taken {
		reserve.Remove()
	}
	return p, err
}

func begin(dir, name string, step int, groups map[string]Group, state any, reserve *Reserve) (*Part, error) {
	if name == "" {
		name = stepName
	} else if name == stepName {
		return nil, fmt.Errorf("checkpoint: %s: the name %q is taken by Save", dir, name)
	}
	p := &Part{dir: dir, entry: entryName(name, step), step: step}
	if got, _, ok := parseEntry(p.entry); !ok || got != name {
		return nil, p.fail(errors.New("bad name or step"))
	}
	text, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return nil, p.fail(fmt.Errorf("%s: %w", stateFile, err))
	}
	p.state = append(text, '\n')
	if err := atomicfile.MkdirAll(dir); err != nil {
		return nil, p.fail(atomicfile.Cause(err))
	}
	// Before, not after: on a nearly full disk the space that a killed writer took is needed.
	if _, err := tidy(dir); err != nil {
		return nil, p.fail(err)
	}
	if reserve != nil {
		reserve.Stop()
		p.path, p.release, reserve.taken = reserve.path, reserve.release, true
	} else if p.path, p.release, err = makePart(dir, p.entry); err != nil {
		return nil, p.fail(atomicfile.Cause(err))
	}
	if err := p.copy(groups); err != nil {
		p.Abort()
		return nil, p.fail(err)
	}
	return p, nil
}

func (p *Part) fail(err error) error {
	return fmt.Errorf("checkpoint: %s: not saved: %w", filepath.Join(p.dir, p.entry), err)
}

// copy writes the files of all groups: at the same time where none needs memory for it, else one after the other.
func (p *Part) copy(groups map[string]Group) error {
	direct := true
	for name, g := range groups {
		if !nameRule.MatchString(name) {
			return fmt.Errorf("bad group name %q", name)
		}
		direct = direct && g.Direct
	}
	names := slices.Sorted(maps.Keys(groups))
	errs := make([]error, len(names))
	var wait sync.WaitGroup
	for i, name := range names {
		file := name + groupSuffix
		p.files = append(p.files, file)
		write := func() {
			g := groups[name]
			err := create(filepath.Join(p.path, file), func(w io.Writer) error { return safetensors.WriteFunc(w, g.Specs, nil, g.Data) })
			if err != nil {
				errs[i] = fmt.Errorf("%s: %w", file, err)
			}
		}
		if direct {
			wait.Go(write)
		} else if write(); errs[i] != nil {
			break
		}
	}
	wait.Wait()
	for _, err := range errs { // the first one: the errors are one line
		if err != nil {
			return err
		}
	}
	return nil
}

// Abort removes what was written. It does nothing after Finish.
func (p *Part) Abort() {
	if p.release != nil {
		os.RemoveAll(p.path)
		p.release()
		p.release = nil
	}
}

// Finish hashes and syncs the files, writes the manifest and gives the checkpoint its name. On an error the part is removed, and
// nothing in the directory has changed, but where the error says that the checkpoint is saved: a power cut may still take its name.
// Where verified is not nil, it learns what the checkpoint's files are.
func (p *Part) Finish(verified *Verified) error {
	defer p.Abort()
	m, err := p.complete()
	if err == nil {
		err = publish(p.dir, p.path, p.entry)
	}
	if err != nil {
		return p.fail(err)
	}
	path := filepath.Join(p.dir, p.entry)
	if err := settleName(p.dir, p.entry); err != nil {
		return fmt.Errorf("checkpoint: %s: saved, but its folder cannot be synced: %w", path, err)
	}
	verified.add(path, m)
	return nil
}

// complete makes all files of the directory aside last, the manifest at the end: a directory without it is no checkpoint.
func (p *Part) complete() (manifest, error) {
	m := manifest{Step: p.step, Files: map[string]identity{}}
	put := func(file string, data []byte) error {
		return create(filepath.Join(p.path, file), func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		})
	}
	if err := put(stateFile, p.state); err != nil {
		return m, fmt.Errorf("%s: %w", stateFile, err)
	}
	for _, file := range append(p.files, stateFile) {
		id, err := settle(filepath.Join(p.path, file))
		if err != nil {
			return m, fmt.Errorf("%s: %w", file, err)
		}
		m.Files[file] = id
	}
	text, err := m.encode()
	if err == nil {
		err = put(ManifestFile, text)
	}
	if err == nil {
		_, err = settle(filepath.Join(p.path, ManifestFile))
	}
	if err != nil {
		return m, fmt.Errorf("%s: %w", ManifestFile, err)
	}
	return m, atomicfile.Cause(atomicfile.SyncDir(p.path))
}

// create writes a file, over the pages of one that a reserve has made.
func create(path string, produce func(w io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return atomicfile.Cause(err)
	}
	defer f.Close() // a second Close does no harm
	counting := &counting{f: f}
	buffered := bufio.NewWriterSize(counting, 1<<20)
	err = produce(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = f.Truncate(counting.size)
	}
	if err == nil {
		err = f.Close()
	}
	return atomicfile.Cause(err)
}

// counting is a file with write errors that do not name it, and the number of bytes written.
type counting struct {
	f    *os.File
	size int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.f.Write(p)
	c.size += int64(n)
	return n, atomicfile.Cause(err)
}

// settle hashes and syncs a file that was just written, from the system's cache.
func settle(path string) (identity, error) {
	f, err := filetype.Open(path)
	if err != nil {
		return identity{}, atomicfile.Cause(err)
	}
	defer f.Close()
	id, err := identify(f)
	if err == nil {
		err = atomicfile.Sync(f)
	}
	return id, atomicfile.Cause(err)
}
