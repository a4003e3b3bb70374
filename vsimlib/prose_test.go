// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vsim/vsimlib/jupyter"
)

// prose is text that people read, with the file and line of its beginning.
type prose struct {
	file string // below the repository, with slashes
	line int
	text string
}

// at returns file:line of the byte at an offset of the text.
func (p prose) at(offset int) string {
	return p.file + ":" + strconv.Itoa(p.line+strings.Count(p.text[:offset], "\n"))
}

// pages are the Markdown files whose words and letters are checked, by patterns below the repository.
var pages = []string{
	"README.md", "vsimlib/*.md", "vsimlib/docs/*.md", "vsimlib/jupyter/README.md", "vsimlib/nb/saw/*.md",
	"notebooks/README.md", "data/*.md", "docker/*.md", ".github/*.md",
}

// glob returns the files below the repository that match a pattern, with slashes.
func glob(t *testing.T, patterns ...string) []string {
	t.Helper()
	var all []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			all = append(all, filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator))))
		}
	}
	return all
}

// readFile reads a file below the repository.
func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// markdown returns the pages, each as one text.
func markdown(t *testing.T) []prose {
	t.Helper()
	var all []prose
	for _, path := range glob(t, pages...) {
		all = append(all, prose{file: path, line: 1, text: readFile(t, path)})
	}
	if len(all) < 4 {
		t.Fatalf("only %d pages found", len(all))
	}
	return all
}

// notebookCells returns the cells of the notebooks. Lines count from each cell's first.
func notebookCells(t *testing.T) []prose {
	t.Helper()
	var all []prose
	paths, _ := jupyter.Notebooks("..")
	for _, path := range paths {
		path = filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator)))
		var notebook struct {
			Cells []struct {
				Source []string `json:"source"`
			} `json:"cells"`
		}
		if err := json.Unmarshal([]byte(readFile(t, path)), &notebook); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for i, cell := range notebook.Cells {
			all = append(all, prose{file: path + " cell " + strconv.Itoa(i+1), line: 1, text: strings.Join(cell.Source, "")})
		}
	}
	if len(all) < 120 {
		t.Fatalf("only %d cells of notebooks found", len(all))
	}
	return all
}

// comments returns the comment groups of the library's Go files, without their slashes; a line of the text is a line of the file.
func comments(t *testing.T) []prose {
	t.Helper()
	var all []prose
	for _, s := range sources(t, parser.ParseComments|parser.SkipObjectResolution) {
		for _, group := range s.ast.Comments {
			lines := make([]string, 0, len(group.List))
			for _, c := range group.List {
				lines = append(lines, strings.TrimPrefix(c.Text, "//"))
			}
			all = append(all, s.prose(group.Pos(), strings.Join(lines, "\n")))
		}
	}
	return all
}

// literals returns the string literals of the library's Go files, import paths and tests left out.
func literals(t *testing.T) []prose {
	t.Helper()
	var all []prose
	for _, s := range sources(t, parser.SkipObjectResolution) {
		if s.test {
			continue
		}
		imports := map[token.Pos]bool{}
		for _, spec := range s.ast.Imports {
			imports[spec.Path.Pos()] = true
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING && !imports[literal.Pos()] {
				if text, err := strconv.Unquote(literal.Value); err == nil {
					all = append(all, s.prose(literal.Pos(), text))
				}
			}
			return true
		})
	}
	return all
}

func (s source) prose(pos token.Pos, text string) prose {
	return prose{"vsimlib/" + s.path, s.fset.Position(pos).Line, text}
}
