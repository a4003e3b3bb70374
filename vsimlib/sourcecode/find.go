// SPDX-License-Identifier: Apache-2.0

// Package sourcecode finds the functions, methods, types and values of vsim in its checkout, and shows them as HTML.
package sourcecode

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/text"
)

// library is the folder of the packages, below the root of the checkout.
const library = "vsimlib"

// Source is a declaration with its comment.
type Source struct {
	Name string // package.Function, package.Type or package.Type.Method
	File string // below the root, with slashes
	Line int    // of the declaration, from 1; its comment is above it
	Code string // comment and declaration
	Note string // why the running program may have been built from something else, "" where nothing suggests it
}

// Find finds a declaration in the checkout at root: package.Name or package.Type.Method, such as losses.FrameNCE or
// step.Step.Advance; the type may be left out where only one has such a method (step.Advance), and in front of the package's name
// may be its folders (plots/figure.Figure). It finds what is not exported too. The error of an unknown name has the nearest ones.
func Find(root, name string) (Source, error) {
	folder, rest, ok := strings.Cut(name, ".")
	if !ok || folder == "" || rest == "" || strings.ContainsAny(rest, "/\\") {
		return Source{}, fmt.Errorf("source %q: want package.Name or package.Type.Method, such as losses.FrameNCE", name)
	}
	dir, err := packageDir(root, folder)
	if err != nil {
		return Source{}, fmt.Errorf("source %q: %w", name, err)
	}
	declared, err := declarations(filepath.Join(root, library, filepath.FromSlash(dir)))
	if err != nil {
		return Source{}, fmt.Errorf("source %q: %w", name, err)
	}
	d, ok := pick(declared, rest)
	if !ok {
		var names []string
		for _, d := range declared {
			names = append(names, d.name)
		}
		return Source{}, fmt.Errorf("source %q: package %s has no %s%s", name, dir, rest, near(dir, rest, names))
	}
	s := Source{Name: path.Base(dir) + "." + d.name, File: path.Join(library, dir, d.file), Line: d.line, Code: d.code}
	s.Note = doubt(root, s.File)
	return s, nil
}

// pick is the declaration of that name, or the one method of that name where only one type has it.
func pick(list []declaration, name string) (declaration, bool) {
	var methods []declaration
	for _, d := range list {
		if d.name == name {
			return d, true
		}
		if strings.HasSuffix(d.name, "."+name) {
			methods = append(methods, d)
		}
	}
	if len(methods) == 1 {
		return methods[0], true
	}
	return declaration{}, false
}

// near lists the names near an unknown one; without any, that with the same last part, such as the method of another type.
func near(dir, name string, names []string) string {
	similar := text.Similar(name, names)
	if len(similar) == 0 {
		last := name[strings.LastIndex(name, ".")+1:]
		for _, n := range names {
			if strings.EqualFold(n[strings.LastIndex(n, ".")+1:], last) {
				similar = append(similar, n)
			}
		}
	}
	return text.DidYouMean(path.Base(dir)+".", firstOf(similar))
}

// firstOf are the first few of names.
func firstOf(names []string) []string { return names[:min(3, len(names))] }

// packageDir is the folder of a package below the library, by its path or, where that is unique, by its last element.
func packageDir(root, name string) (string, error) {
	dirs, err := packageDirs(filepath.Join(root, library))
	if err != nil {
		return "", err
	}
	if slices.Contains(dirs, name) {
		return name, nil
	}
	var found, bases []string
	for _, dir := range dirs {
		bases = append(bases, path.Base(dir))
		if path.Base(dir) == name {
			found = append(found, dir)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("vsim has no package %s%s", name, text.DidYouMean("", firstOf(text.Similar(name, bases))))
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("several packages have this name: %s", strings.Join(found, ", "))
}

// packageDirs lists the folders below dir that have Go files, with slashes.
func packageDirs(dir string) (list []string, err error) {
	err = filepath.WalkDir(dir, func(file string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".")):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(file) != ".go":
			return nil
		}
		below, err := filepath.Rel(dir, filepath.Dir(file))
		if below = filepath.ToSlash(below); err == nil && below != "." && !slices.Contains(list, below) {
			list = append(list, below)
		}
		return err
	})
	return list, err
}

// declaration is one of a package.
type declaration struct {
	name, file, code string
	line             int
}

// declarations parses the files of a package that this system builds, without tests.
func declarations(dir string) ([]declaration, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []declaration
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if built, err := build.Default.MatchFile(dir, e.Name()); err != nil || !built {
			continue
		}
		data, err := filetype.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		found, err := parse(e.Name(), data)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

// parse lists the declarations of a file.
func parse(name string, data []byte) (list []declaration, err error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, name, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	add := func(declared string, doc *ast.CommentGroup, node ast.Node) {
		from := node.Pos()
		line := files.Position(from).Line
		if doc != nil {
			from = doc.Pos()
		}
		start := files.Position(from).Offset
		start -= files.Position(from).Column - 1 // with its indentation
		code := unindented(string(data[start:files.Position(node.End()).Offset]))
		list = append(list, declaration{declared, name, code, line})
	}
	for _, d := range parsed.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			add(receiver(d)+d.Name.Name, d.Doc, d)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				names, doc := specNames(spec)
				node, whole := ast.Node(spec), !d.Lparen.IsValid()
				if whole {
					node, doc = d, d.Doc
				}
				for _, n := range names {
					add(n, doc, node)
				}
			}
		}
	}
	return list, nil
}

// receiver is the type of a method and a dot, "" for a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return ""
	}
	kind := d.Recv.List[0].Type
	for {
		switch k := kind.(type) {
		case *ast.StarExpr:
			kind = k.X
		case *ast.IndexExpr: // of a generic type
			kind = k.X
		case *ast.IndexListExpr:
			kind = k.X
		case *ast.Ident:
			return k.Name + "."
		default:
			return ""
		}
	}
}

// specNames are the names that a specification declares, and its comment.
func specNames(spec ast.Spec) (names []string, doc *ast.CommentGroup) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		return []string{s.Name.Name}, s.Doc
	case *ast.ValueSpec:
		for _, n := range s.Names {
			names = append(names, n.Name)
		}
		return names, s.Doc
	}
	return nil, nil
}

// unindented takes the indentation of the first line from all lines.
func unindented(code string) string {
	indent := code[:len(code)-len(strings.TrimLeft(code, "\t"))]
	lines := strings.Split(code, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], indent)
	}
	return strings.Join(lines, "\n")
}
