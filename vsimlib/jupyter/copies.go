// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jsonfile"
)

// copies keeps the working copies of a checkout's notebooks, which JupyterLab opens: what is tried in them never reaches the
// rendered notebooks that git tracks.
type copies struct {
	dir   string
	known map[string]string // by name, the checksum of the notebook that the copy was made of
}

// copiesFile records, in the folder of the copies, what they were made of.
const copiesFile = ".copies.json"

// updateCopies makes a copy of every notebook that has none, and makes a copy anew where the notebook has changed and the copy
// has not. A copy that the user has changed stays; where its notebook has changed too, log says so. The user's own notebooks and
// folders next to the project's notebooks are linked.
func (p checkout) updateCopies(log io.Writer) error {
	c := copies{dir: p.work()}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	file := filepath.Join(c.dir, copiesFile)
	if err := jsonfile.Read(file, &c.known); err != nil || c.known == nil { // of a damaged file nothing is known: copies stay
		c.known = map[string]string{}
	}
	notebooks, _ := Notebooks(p.root)
	for _, notebook := range notebooks {
		if err := c.update(notebook, log); err != nil {
			return err
		}
	}
	contents := filepath.Join(p.notebooks(), "README.md") // the notebooks link to it
	if err := c.update(contents, log); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := c.link(OwnNotebooks(p.root)); err != nil {
		return err
	}
	return jsonfile.Write(file, c.known)
}

// link links the user's own notebooks and folders, and removes links to what is gone.
func (c *copies) link(own []string) error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(c.dir, entry.Name())
		if _, err := os.Stat(path); entry.Type()&fs.ModeSymlink != 0 && errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(path)
		}
	}
	for _, path := range own {
		err := os.Symlink(path, filepath.Join(c.dir, filepath.Base(path)))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// update brings the copy of one notebook up to date.
func (c *copies) update(notebook string, log io.Writer) error {
	source, err := filetype.ReadFile(notebook)
	if err != nil {
		return err
	}
	name, sum := filepath.Base(notebook), checksum(source)
	path := filepath.Join(c.dir, name)
	before, err := filetype.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case bytes.Equal(before, source), c.known[name] == sum:
		c.known[name] = sum
		return nil
	case checksum(before) != c.known[name]:
		_, _ = fmt.Fprintf(log, "vsim: %s has changed; your copy %s stays as it is: remove it to get the new one\n", notebook, path)
		return nil
	}
	c.known[name] = sum
	return atomicfile.WriteData(path, source)
}

func checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
