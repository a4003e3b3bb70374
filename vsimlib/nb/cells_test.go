// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestCellsBuild builds every code cell, and every one that a solution gives, against the library, without Jupyter: a program of
// its own each, as GoNB makes them, with the imports of the cells so far.
func TestCellsBuild(t *testing.T) {
	root, paths := committed(t)
	dir := t.TempDir()
	overlay := map[string]string{}
	var packages []string
	for n, path := range paths {
		programs, err := programs(readNotebook(t, path).withSolutions())
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for i, program := range programs {
			name := fmt.Sprintf("zz_notebook%d_cell%d", n, i+1)
			file := filepath.Join(dir, name+".go")
			if err := os.WriteFile(file, []byte(program), 0o644); err != nil {
				t.Fatal(err)
			}
			overlay[filepath.Join(root, "vsimlib", "nb", name, "main.go")] = file
			packages = append(packages, "./vsimlib/nb/"+name)
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	plan := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(plan, data, 0o644); err != nil {
		t.Fatal(err)
	}
	// -export compiles, as a build does, and spares the linking of programs that are never run.
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-export", "-overlay", plan}, packages...)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// programs makes a program of every code cell: its imports and declarations stay for the cells after it, what stands
// below %% is the body of main.
func programs(nb notebook) ([]string, error) {
	imports := map[string]bool{}
	declarations := ""
	var list []string
	for _, c := range nb.code() {
		head, body, main := "", "", false
		for line := range strings.Lines(string(c.Source) + "\n") {
			switch {
			case strings.HasPrefix(line, "%%") || strings.HasPrefix(line, "%main"):
				main = true
			case strings.HasPrefix(line, "%") || strings.HasPrefix(line, "!"):
			case main:
				body += line
			default:
				head += line
			}
		}
		file, err := parser.ParseFile(token.NewFileSet(), "", "package main\n"+head, parser.ImportsOnly)
		if err != nil {
			return nil, fmt.Errorf("cell %s: %w", c.ID, err)
		}
		end := 0 // of the imports, in head
		for _, d := range file.Decls {
			end = int(d.End()) - len("package main\n") - 1
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return nil, fmt.Errorf("cell %s: %w", c.ID, err)
			}
			if spec.Name != nil && spec.Name.Name == "." {
				imported = "." + imported
			}
			imports[imported] = true
		}
		declarations += head[end:] + "\n"
		program, err := assemble(slices.Sorted(maps.Keys(imports)), declarations+"func main() {\n"+body+"}\n")
		if err != nil {
			return nil, fmt.Errorf("cell %s: %w", c.ID, err)
		}
		list = append(list, program)
	}
	return list, nil
}

// assemble puts before code the imports that it uses.
func assemble(imports []string, code string) (string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", "package main\n"+code, 0)
	if err != nil {
		return "", err
	}
	used := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				used[x.Name] = true
			}
		}
		return true
	})
	program := "package main\n\n"
	for _, imported := range imports {
		if dotted, found := strings.CutPrefix(imported, "."); found { // what it declares stays in use, as a declaration of a cell
			program += fmt.Sprintf("import . %q\n", dotted)
		} else if used[path.Base(imported)] {
			program += fmt.Sprintf("import %q\n", imported)
		}
	}
	return program + "\n" + code, nil
}

func TestPrograms(t *testing.T) {
	nb := notebook{Cells: []nbCell{
		{Type: "code", ID: "a", Source: "%noautoget\nimport (\n\t\"fmt\"\n\t\"os\"\n)\nvar n = 3\n%%\nfmt.Println(n)"},
		{Type: "markdown", Source: "text"},
		{Type: "code", ID: "b", Source: "%%\nos.Exit(n)\n"},
	}}
	got, err := programs(nb)
	if err != nil || len(got) != 2 || !strings.Contains(got[0], "import \"fmt\"\n\n") || strings.Contains(got[0], "\"os\"") ||
		!strings.Contains(got[1], "import \"os\"\n") || !strings.Contains(got[1], "var n = 3") ||
		!strings.Contains(got[1], "func main() {\nos.Exit(n)\n") {
		t.Errorf("programs %q, %v", got, err)
	}
	for _, source := range []prose{"import", "%%\n}{"} {
		if _, err := programs(notebook{Cells: []nbCell{{Type: "code", Source: source}}}); err == nil {
			t.Errorf("%q is a program", source)
		}
	}
}
