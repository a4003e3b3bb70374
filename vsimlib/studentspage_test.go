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

// TestStudentsPage compares the page of the notebooks with the code: every function and test in its backticks exists, and so does
// every file that it links to.
func TestStudentsPage(t *testing.T) {
	data, err := os.ReadFile("../notebooks/README.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	declared := map[string]bool{} // package.Name, package.Type.Method, TestName
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
