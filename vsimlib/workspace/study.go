// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"errors"
	"io/fs"
	"path/filepath"

	"vsim/vsimlib/results"
)

// StudyName is the name of a study's table among the results.
func StudyName(study string) string { return "study-" + study }

// StudyTable reads the table of a study from the results folder, or else, where no setting is changed, the committed one, and
// returns its file; nil if neither exists.
func (w Workspace) StudyTable(study string) (*results.Table, string, error) {
	folders := []string{w.Results}
	if w.Set == "" {
		folders = append(folders, filepath.Join(w.Root, "data", "results"))
	}
	for _, folder := range folders {
		file := filepath.Join(folder, StudyName(study)+".json")
		t, err := results.ReadTable(file)
		if err == nil {
			return t, file, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, "", err
		}
	}
	return nil, "", nil
}
