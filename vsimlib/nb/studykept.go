// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"vsim/vsimlib/run"
	"vsim/vsimlib/study"
)

func studyFile(folder, name, ending string) string {
	return filepath.Join(folder, "study-"+name+ending)
}

// kept is the table of a study in the results folder, or else the committed one, and its file; nil where there is neither.
func (p place) kept(name string) (*study.Table, string, error) {
	for _, folder := range []string{p.results, filepath.Join(p.root, "data", "results")} {
		t, file := &study.Table{}, studyFile(folder, name, ".json")
		err := readJSON(file, t)
		if err == nil {
			return t, file, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, "", err
		}
	}
	return nil, "", nil
}

// keepStudy writes a study's table into the results folder.
func (p place) keepStudy(name string, t *study.Table) (file string, err error) {
	if err := os.MkdirAll(p.results, 0o777); err != nil {
		return "", err
	}
	err = run.Atomic(studyFile(p.results, name, ".md"), func(w io.Writer) error {
		_, err := io.WriteString(w, t.Markdown())
		return err
	})
	if err != nil {
		return "", err
	}
	file = studyFile(p.results, name, ".json")
	return file, run.WriteJSON(file, t)
}

// told is the study's table without training, and its file where it was kept before; nil where there is none.
func (s studied) told() (*study.Table, string, error) {
	if !slices.ContainsFunc(s.grid.Tasks, func(t *study.Task) bool { return !t.Done() }) {
		t, err := study.Collect(s.grid)
		return t, "", err
	}
	before, file, err := s.kept(s.name)
	if err != nil || before != nil && before.FailedCells() == 0 {
		return before, file, err
	}
	if slices.ContainsFunc(s.grid.Tasks, func(t *study.Task) bool { return t.Kind == study.Embed && t.Done() }) {
		t, err := study.Collect(s.grid)
		if err != nil || worthTelling(t) {
			return t, "", err
		}
	}
	return before, file, nil
}

// worthTelling tells whether of an unfinished study the baseline has a score, another cell too, and the half of all.
func worthTelling(t *study.Table) bool {
	scored := 0
	for _, c := range t.Cells {
		if c.Mean != nil {
			scored++
		} else if c.Label == t.Baseline {
			return false
		}
	}
	return scored > 1 && 2*scored >= len(t.Cells)
}
