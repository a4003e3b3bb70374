// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"go/ast"
	"go/parser"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vsim/vsimlib/jupyter"
)

// declarations returns the names that the library declares: package.Name, package.Type.Method, and TestName without its package.
func declarations(t *testing.T) map[string]bool {
	t.Helper()
	declared := map[string]bool{}
	for _, s := range sources(t, parser.SkipObjectResolution) {
		for _, d := range s.ast.Decls {
			for _, name := range declares(d) {
				declared[filepath.Base(s.pkg)+"."+name] = true
				if strings.HasPrefix(name, "Test") {
					declared[name] = true
				}
			}
		}
	}
	return declared
}

// TestNamesInNotebooks finds the declaration of every function and type that the notebooks name. A method that is not exported is
// named without its type.
func TestNamesInNotebooks(t *testing.T) {
	declared, packages, methods := declarations(t), map[string]bool{}, map[string]bool{}
	for name := range declared {
		parts := strings.Split(name, ".")
		packages[parts[0]] = true
		if len(parts) == 3 && !ast.IsExported(parts[2]) {
			methods[parts[0]+"."+parts[2]] = true
		}
	}
	named, found := regexp.MustCompile("`(([a-z]+)\\.[A-Za-z]\\w*(?:\\.[A-Z]\\w*)?)`"), 0
	for _, p := range notebookCells(t) {
		for _, m := range named.FindAllStringSubmatch(p.text, -1) {
			if !packages[m[2]] {
				continue
			}
			if found++; !declared[m[1]] && !methods[m[1]] {
				t.Errorf("%s names %s, which is not declared", p.file, m[1])
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d names found", found)
	}
}

// TestStudentsPage compares the page of the notebooks with the code: every function and test in its backticks exists, and so does
// every file that it links to.
func TestStudentsPage(t *testing.T) {
	data, err := os.ReadFile("../notebooks/README.md")
	if err != nil {
		t.Fatal(err)
	}
	page, declared := string(data), declarations(t)
	code := regexp.MustCompile("`(Test\\w+|[a-z]+\\.[A-Z]\\w*(?:\\.[A-Z]\\w*)?)`")
	found := code.FindAllStringSubmatch(page, -1)
	for _, name := range found {
		if !declared[name[1]] {
			t.Errorf("the page names %s, which is not declared", name[1])
		}
	}
	links := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`).FindAllStringSubmatch(page, -1)
	for _, link := range links {
		if _, err := os.Stat(filepath.Join("..", "notebooks", link[1])); err != nil {
			t.Errorf("the page links to %s, which does not exist", link[1])
		}
	}
	if len(found) < 25 || len(links) < 25 {
		t.Errorf("only %d names and %d links on the page", len(found), len(links))
	}
	all, missing := jupyter.Notebooks("..")
	if len(missing) > 0 {
		t.Errorf("%v are missing", missing)
	}
	for _, path := range all {
		if name := filepath.Base(path); !strings.Contains(page, "("+name+")") {
			t.Errorf("the page does not link to %s", name)
		}
	}
}

// declares are the names that a declaration makes: functions, methods as Type.Method, and types.
func declares(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		of := d.Recv.List[0].Type
		if star, ok := of.(*ast.StarExpr); ok {
			of = star.X
		}
		if name, ok := of.(*ast.Ident); ok {
			return []string{name.Name + "." + d.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, spec := range d.Specs {
			if typed, ok := spec.(*ast.TypeSpec); ok {
				names = append(names, typed.Name.Name)
			}
		}
		return names
	}
	return nil
}
