// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus/fault"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/outdir"
)

// A corpus that vsim generated has a manifest. A file of it that is missing or altered is refused by name; records have checksums
// of their own besides. A corpus with neither a manifest nor the marker that says that one is due is the user's and taken as it is.

// listedBy returns the manifest of the corpus in dir, nil where there is none.
func listedBy(dir string) (*manifest.Manifest, error) {
	m, err := manifest.Read(dir)
	if errors.Is(err, manifest.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, refused(dir, err)
	}
	return m, nil
}

// refused adds to a problem what can be done.
func refused(dir string, err error) error {
	return fmt.Errorf("corpus: %w; make the corpus again (--force), or remove %s and %s to take it as it is", err,
		filepath.Join(dir, outdir.MarkerFile), outdir.DueFile)
}

// checkListed returns the first problem of a corpus: by sizes and times, and of text files by bytes.
func checkListed(dir string) error {
	m, err := listedBy(dir)
	if err != nil || m == nil {
		return err
	}
	for _, p := range m.Check(nil) {
		return refused(dir, p)
	}
	for name := range m.Files {
		if isRecords(name) {
			continue
		}
		if _, err := m.ReadFile(name); err != nil {
			return refused(dir, err)
		}
	}
	return nil
}

// isRecords reports whether a file of a corpus's manifest has records, by its name.
func isRecords(name string) bool {
	return path.Dir(name) != "." && path.Base(name) != competition.LabelFile
}

// checkListedFile is checkListed of one file of a part, given by its path.
func checkListedFile(file string) error {
	part := filepath.Dir(filepath.Clean(file))
	dir, name := filepath.Dir(part), filepath.Base(part)+"/"+filepath.Base(file)
	m, err := manifest.Read(dir)
	if err != nil && outdir.Due(dir) {
		return refused(dir, err)
	}
	if err != nil || !m.Has(name) { // a corpus is not needed for its files to be read
		return nil
	}
	for _, p := range m.Check(func(other string) bool { return other == name }) {
		return refused(dir, p)
	}
	if !isRecords(name) {
		if _, err := m.ReadFile(name); err != nil {
			return refused(dir, err)
		}
	}
	return nil
}

// listedProblems are all problems of a corpus, for Check.
func (k *checker) listedProblems() {
	m, err := listedBy(k.c.dir)
	var ps fault.List
	switch {
	case err != nil:
		ps.Add(&Problem{File: outdir.MarkerFile, Reason: "missing, torn or altered since the corpus was generated"})
	case m != nil:
		for _, p := range m.Verify() {
			ps.Add(&Problem{File: p.Name, Reason: p.What + " (vsim.json lists the files of a generated corpus)"})
		}
	}
	k.note(&ps)
}
