// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/jupyter"
)

// Limits of a notebook that people read on the web.
const (
	maxCellLines   = 10
	maxOutputLines = 200
	maxBytes       = 1_000_000
)

// notebook is what these tests read of an .ipynb file.
type notebook struct {
	Format int      `json:"nbformat"`
	Minor  int      `json:"nbformat_minor"`
	Cells  []nbCell `json:"cells"`
}

type nbCell struct {
	Type    string     `json:"cell_type"`
	ID      string     `json:"id"`
	Source  prose      `json:"source"`
	Count   *int       `json:"execution_count"`
	Outputs []nbOutput `json:"outputs"`
}

type nbOutput struct {
	Type string           `json:"output_type"`
	Name string           `json:"name"`
	Text prose            `json:"text"`
	Data map[string]prose `json:"data"`
}

// prose is a string, or a list of its lines.
type prose string

func (s *prose) UnmarshalJSON(data []byte) error {
	var lines []string
	if err := json.Unmarshal(data, &lines); err == nil {
		*s = prose(strings.Join(lines, ""))
		return nil
	}
	return json.Unmarshal(data, (*string)(s))
}

func readNotebook(t *testing.T, path string) notebook {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var nb notebook
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return nb
}

func (nb notebook) code() []nbCell {
	return slices.DeleteFunc(slices.Clone(nb.Cells), func(c nbCell) bool { return c.Type != "code" })
}

// committed lists the notebooks of the checkout.
func committed(t *testing.T) (root string, paths []string) {
	t.Helper()
	root, err := jupyter.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	paths, missing := jupyter.Notebooks(root)
	if len(missing) > 0 {
		t.Fatalf("%v are missing", missing)
	}
	return root, paths
}

// quickstart is the notebook that the results of these tests belong to.
const quickstart = "00_quickstart.ipynb"

// TestCellsAreThin holds every notebook to its form.
func TestCellsAreThin(t *testing.T) {
	_, paths := committed(t)
	for _, path := range paths {
		nb := readNotebook(t, path)
		if nb.Format != 4 || nb.Minor < 5 {
			t.Errorf("%s: format %d.%d, want 4.5", path, nb.Format, nb.Minor)
		}
		known := map[string]bool{}
		for i, c := range nb.Cells {
			if known[c.ID] || !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`).MatchString(c.ID) {
				t.Errorf("%s: cell %d has the id %q", path, i+1, c.ID)
			}
			known[c.ID] = true
		}
		code := nb.code()
		if len(code) == 0 || !strings.HasPrefix(string(code[0].Source), "%noautoget\n") {
			t.Errorf("%s: the first code cell does not begin with %%noautoget", path)
		}
		for _, c := range code {
			if lines := strings.Count(strings.TrimRight(string(c.Source), "\n"), "\n") + 1; lines > maxCellLines {
				t.Errorf("%s: cell %s has %d lines, more than %d", path, c.ID, lines, maxCellLines)
			}
		}
	}
}
