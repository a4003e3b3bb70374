// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/jupyter"
)

// TestNotebooksHaveTheLanguage: the notebooks of the checkout hold what the kernel says of its language, so that opening one in
// JupyterLab, which writes that into it, changes nothing.
func TestNotebooksHaveTheLanguage(t *testing.T) {
	paths, missing := jupyter.Notebooks(filepath.Join("..", ".."))
	if len(missing) > 0 {
		t.Fatalf("%v are missing", missing)
	}
	want := encoded(t, languageInfo)
	for _, path := range paths {
		var notebook struct {
			Metadata struct {
				Language map[string]any `json:"language_info"`
			}
		}
		if err := jsonfile.Read(path, &notebook); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(notebook.Metadata.Language); err != nil || string(got) != want {
			t.Errorf("%s: language_info %s, want %s (%v)", path, got, want, err)
		}
	}
}
