// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// downward are the packages in which the files depend on one another without a cycle.
var downward = []string{
	"batch", "bench", "checkpoint", "checkpoint/saver", "losses", "memplan", "multimodal", "nb", "optim", "runid", "step", "study",
	"study/score", "study/table", "study/work", "trainer",
}

// Limits for the packages of training: fields and methods of a struct, lines of a function.
const (
	maxFields  = 12
	maxMethods = 12
	maxLines   = 60
)

// limited are the packages that these limits are tested in.
var limited = []string{"memplan", "runid", "step", "trainer"}

// TestFilesDependDownwards looks for cycles between the files of a package: a file may use only files that do not use it.
func TestFilesDependDownwards(t *testing.T) {
	packages := production(t)
	for _, pkg := range downward {
		if len(packages[pkg]) == 0 {
			t.Errorf("package %s has no files", pkg)
			continue
		}
		uses := fileUses(packages[pkg])
		for _, from := range slices.Sorted(maps.Keys(uses)) {
			if back := cycle(uses, from); back != nil {
				t.Errorf("package %s: its files form a cycle: %s", pkg, strings.Join(back, " uses "))
				break
			}
		}
	}
}

// production returns the parsed files of each package, without tests.
func production(t *testing.T) map[string][]source {
	t.Helper()
	packages := map[string][]source{}
	for _, s := range sources(t, parser.SkipObjectResolution) {
		if !s.test {
			packages[s.pkg] = append(packages[s.pkg], s)
		}
	}
	return packages
}

// fileUses returns for each file of a package the files that declare what it uses.
func fileUses(files []source) map[string]map[string]bool {
	fset, trees := token.NewFileSet(), []*ast.File{}
	for _, s := range files { // again, into one set of positions
		tree, err := parser.ParseFile(fset, s.path, nil, parser.SkipObjectResolution)
		if err == nil {
			trees = append(trees, tree)
		}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	// What other packages declare is not loaded; the errors of that do not matter to the package's own names.
	config := types.Config{Importer: emptyPackages{}, Error: func(error) {}}
	own, _ := config.Check(files[0].pkg, fset, trees, info)
	uses := map[string]map[string]bool{}
	for name, object := range info.Uses {
		if object.Pkg() != own || !object.Pos().IsValid() {
			continue
		}
		from, to := fset.Position(name.Pos()).Filename, fset.Position(object.Pos()).Filename
		if from != to {
			if uses[from] == nil {
				uses[from] = map[string]bool{}
			}
			uses[from][to] = true
		}
	}
	return uses
}

// emptyPackages imports every package as one without declarations.
type emptyPackages struct{}

func (emptyPackages) Import(name string) (*types.Package, error) {
	p := types.NewPackage(name, path.Base(name))
	p.MarkComplete()
	return p, nil
}

// cycle returns a way from a file back to it, nil where there is none.
func cycle(uses map[string]map[string]bool, start string) []string {
	seen := map[string]bool{}
	var walk func(at string, way []string) []string
	walk = func(at string, way []string) []string {
		for _, to := range slices.Sorted(maps.Keys(uses[at])) {
			if to == start {
				return append(way, to)
			}
			if !seen[to] {
				seen[to] = true
				if found := walk(to, append(way[:len(way):len(way)], to)); found != nil {
					return found
				}
			}
		}
		return nil
	}
	return walk(start, []string{start})
}

// TestSizes holds the packages of training to their limits.
func TestSizes(t *testing.T) {
	packages := production(t)
	for _, pkg := range limited {
		methods := map[string]int{}
		for _, s := range packages[pkg] {
			for _, decl := range s.ast.Decls {
				f, ok := decl.(*ast.FuncDecl)
				if !ok {
					continue
				}
				if n := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1; n > maxLines {
					t.Errorf("vsimlib/%s: function %s has %d lines, want at most %d", s.path, f.Name.Name, n, maxLines)
				}
				if f.Recv != nil {
					methods[receiver(f)]++
				}
			}
			ast.Inspect(s.ast, func(n ast.Node) bool {
				if spec, ok := n.(*ast.TypeSpec); ok {
					if fields := fields(spec.Type); fields > maxFields {
						t.Errorf("vsimlib/%s: type %s has %d fields, want at most %d", s.path, spec.Name.Name, fields, maxFields)
					}
				}
				return true
			})
		}
		for name, n := range methods {
			if n > maxMethods {
				t.Errorf("package %s: type %s has %d methods, want at most %d", pkg, name, n, maxMethods)
			}
		}
	}
}

// packageLimit is how many lines the files of a package may have in all, without tests. Those of packageLimits have their own.
const packageLimit = 2000

var packageLimits = map[string]int{"nb": 1500}

// TestPackageSizes holds every package to its limit.
func TestPackageSizes(t *testing.T) {
	lines := map[string]int{}
	for pkg, files := range production(t) {
		for _, s := range files {
			lines[pkg] += s.fset.File(s.ast.FileStart).LineCount()
		}
	}
	for pkg := range packages {
		if lines[pkg] == 0 {
			t.Errorf("package %s was not counted", pkg)
		}
	}
	for _, fault := range tooLarge(lines) {
		t.Error(fault)
	}
}

// tooLarge names the packages that exceed their limits.
func tooLarge(lines map[string]int) (faults []string) {
	for _, pkg := range slices.Sorted(maps.Keys(lines)) {
		limit, own := packageLimits[pkg]
		if !own {
			limit = packageLimit
		}
		if lines[pkg] > limit {
			faults = append(faults, fmt.Sprintf("package %s has %d lines without tests, want at most %d: split it by ideas", pkg,
				lines[pkg], limit))
		}
	}
	return faults
}

// receiver is the type of a method.
func receiver(f *ast.FuncDecl) (name string) {
	ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return true
	})
	return name
}

// fields counts the fields of a struct, embedded ones as one.
func fields(t ast.Expr) (n int) {
	if s, ok := t.(*ast.StructType); ok {
		for _, f := range s.Fields.List {
			n += max(1, len(f.Names))
		}
	}
	return n
}

// TestFilesCanFail plants a cycle of files and packages that are too large, and counts fields.
func TestFilesCanFail(t *testing.T) {
	uses := map[string]map[string]bool{"a": {"b": true}, "b": {"c": true}, "c": {"b": true}}
	if cycle(uses, "a") != nil || strings.Join(cycle(uses, "b"), "") != "bcb" {
		t.Errorf("cycles %v and %v", cycle(uses, "a"), cycle(uses, "b"))
	}
	large := tooLarge(map[string]int{"corpus": 2001, "kernel": 2000, "nb": 1501, "nb/other": 1501})
	if len(large) != 2 || !strings.HasPrefix(large[0], "package corpus has 2001 ") || !strings.HasPrefix(large[1], "package nb ") {
		t.Errorf("%q", large)
	}
	expr, err := parser.ParseExpr("struct{ a, b int; C; d string }")
	if err != nil {
		t.Fatal(err)
	}
	if n := fields(expr); n != 4 {
		t.Errorf("%d fields, want 4", n)
	}
}
