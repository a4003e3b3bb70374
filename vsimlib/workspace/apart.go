// SPDX-License-Identifier: Apache-2.0

package workspace

import "path/filepath"

// Apart is the workspace for results that are a reader's own: in place of the folders of figures and results that git tracks it has
// those below the runs.
func (w Workspace) Apart() Workspace {
	if w.Results == filepath.Join(w.Root, "data", "results") {
		w.Results = filepath.Join(w.Runs, "results")
	}
	if w.Figures == filepath.Join(w.Root, "figures") {
		w.Figures = filepath.Join(w.Runs, "figures")
	}
	return w
}
