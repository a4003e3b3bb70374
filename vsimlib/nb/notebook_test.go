// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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
		for _, c := range nb.withSolutions().code() {
			if lines := strings.Count(strings.TrimRight(string(c.Source), "\n"), "\n") + 1; lines > maxCellLines {
				t.Errorf("%s: cell %s has %d lines, more than %d", path, c.ID, lines, maxCellLines)
			}
		}
	}
}

var (
	exercise = regexp.MustCompile(`(?m)^\*\*Exercise (\d+)\.\*\* `)
	solution = regexp.MustCompile(`(?s)\n\n<details><summary>Solution</summary>\n\n(.*?)\n\n</details>\n\n`)
	goBlock  = regexp.MustCompile("(?s)```go\n(.*?)\n```")
)

// TestExercises: every notebook ends in exercises, each with one folded solution that says something, and none asks for a shell.
func TestExercises(t *testing.T) {
	_, paths := committed(t)
	for _, path := range paths {
		name := filepath.Base(path)
		texts := slices.DeleteFunc(readNotebook(t, path).Cells, func(c nbCell) bool { return c.Type != "markdown" })
		last := len(texts) - 1
		for _, fault := range exerciseFaults(string(texts[last].Source)) {
			t.Errorf("%s: %s", name, fault)
		}
		for _, c := range texts[:last] {
			if exercise.MatchString(string(c.Source)) {
				t.Errorf("%s: cell %s has an exercise; the last text has them all", name, c.ID)
			}
		}
	}
	// It can fail.
	const solved = "**Exercise 1.** Why?\n\n<details><summary>Solution</summary>\n\nBecause it is so, as can be seen above.\n\n</details>\n\n"
	if faults := exerciseFaults(solved + "next"); len(faults) > 0 {
		t.Error(faults)
	}
	for _, text := range []string{"", "**Exercise 1.** Why?\n\n", solved + solved,
		strings.Replace(solved, "Because", "Run `vsim study` because", 1),
		strings.Replace(solved, "</details>\n\n", "</details>\n", 1), solved + "**Exercise 2.** And this?"} {
		if len(exerciseFaults(text)) == 0 {
			t.Errorf("no fault is found in %q", text)
		}
	}
}

// exerciseFaults says what is wrong with the exercises of a cell.
func exerciseFaults(text string) []string {
	var list []string
	at := exercise.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 {
		return []string{"no exercise"}
	}
	for i, found := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		number, body := text[found[2]:found[3]], text[found[1]:end]
		if number != strconv.Itoa(i+1) {
			list = append(list, "exercise "+number+" where "+strconv.Itoa(i+1)+" is expected")
		}
		if s := solution.FindAllStringSubmatch(body, -1); len(s) != 1 || len(s[0][1]) < 30 {
			list = append(list, "exercise "+number+" has not one folded solution")
		}
		if strings.Contains(body, "`vsim ") {
			list = append(list, "exercise "+number+" asks for a shell; give a cell")
		}
	}
	return list
}

// TestEndCells: every notebook ends by saying by what it was executed, and no other cell does.
func TestEndCells(t *testing.T) {
	_, paths := committed(t)
	for _, path := range paths {
		cells := readNotebook(t, path).Cells
		for i, c := range cells {
			if ends := c.Type == "code" && c.Source == "%%\nnb.Show(nb.Rendered())"; ends != (i == len(cells)-1) {
				t.Errorf("%s: cell %s, number %d of %d: ends the notebook: %t", filepath.Base(path), c.ID, i+1, len(cells), ends)
			}
		}
	}
}

// TestLookedAtAfterwards: what is asked before a look is answered by a cell that comes next.
func TestLookedAtAfterwards(t *testing.T) {
	_, paths := committed(t)
	found := 0
	for _, path := range paths {
		cells := readNotebook(t, path).Cells
		for i, c := range cells {
			if c.Type == "markdown" && strings.Contains(string(c.Source), "**Before you look:**") {
				if found++; i+1 == len(cells) || cells[i+1].Type != "code" {
					t.Errorf("%s: nothing to look at follows cell %s", filepath.Base(path), c.ID)
				}
				if _, after, _ := strings.Cut(string(c.Source), "**Before you look:**"); strings.Count(after, "\n\n") > 0 {
					t.Errorf("%s: cell %s goes on after what is asked before the look", filepath.Base(path), c.ID)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no notebook asks before a look")
	}
}

// withSolutions is a notebook with the Go blocks of its texts as cells of code, where they are.
func (nb notebook) withSolutions() notebook {
	var cells []nbCell
	for _, c := range nb.Cells {
		cells = append(cells, c)
		if c.Type == "markdown" {
			for i, block := range goBlock.FindAllStringSubmatch(string(c.Source), -1) {
				cells = append(cells, nbCell{Type: "code", ID: fmt.Sprintf("%s-%d", c.ID, i+1), Source: prose(block[1])})
			}
		}
	}
	nb.Cells = cells
	return nb
}
