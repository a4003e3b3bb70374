// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const notebookExt = ".ipynb"

// notebookNames are the project's notebooks, in reading order. Other notebooks of the folder are the user's own.
var notebookNames = []string{
	"00_quickstart", "01_one_record", "02_minibatch", "03_model", "04_pretraining", "05_finetuning", "06_loss_weights", "07_epochs",
	"08_ensembles", "09_figures", "10_your_own_experiment",
}

// Notebooks lists the project's notebooks in a checkout, in reading order, and those that are missing. The user's own are in
// neither list.
func Notebooks(root string) (paths, missing []string) {
	for _, name := range notebookNames {
		path := filepath.Join(checkout{root}.notebooks(), name+notebookExt)
		if _, err := os.Stat(path); err == nil {
			paths = append(paths, path)
		} else {
			missing = append(missing, path)
		}
	}
	return paths, missing
}

// OwnNotebooks lists what a user has put next to the project's notebooks: notebooks, and folders.
func OwnNotebooks(root string) []string {
	dir := checkout{root}.notebooks()
	entries, _ := os.ReadDir(dir)
	var paths []string
	for _, entry := range entries {
		name, isNotebook := strings.CutSuffix(entry.Name(), notebookExt)
		switch {
		case strings.HasPrefix(name, "."), slices.Contains(notebookNames, name), strings.HasSuffix(name, partialMark):
		case isNotebook, entry.IsDir():
			paths = append(paths, filepath.Join(dir, entry.Name()))
		}
	}
	return paths
}
