// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/studytest"
)

// calls are what the cells that define grids call.
var calls = map[string]any{"Cell": Cell, "Vary": Vary, "Times": Times, "Values": Values, "Members": Members, "Ensembles": Ensembles,
	"Seeds": Seeds, "Set": Set, "Corpus": Corpus, "Baseline": Baseline, "Question": Question, "Axis": Axis, "AtTiny": AtTiny,
	"Yes": Yes, "Member": Member, "Teachers": Teachers, "Tune": Tune, "X": X}

// TestGridsOfNotebooks: the grids that notebooks 06 to 08 define in their cells are the named studies of the shell, at both scales:
// the same tasks, and the same words in their tables.
func TestGridsOfNotebooks(t *testing.T) {
	studytest.OnGo(t)
	_, paths := committed(t)
	found := 0
	for _, scale := range []string{competition.ScaleTiny, competition.ScaleDemo} {
		settle(t)
		t.Setenv("VSIM_SCALE", scale)
		for _, path := range paths {
			for _, c := range readNotebook(t, path).code() {
				for name, options := range gridsOf(t, string(c.Source)) {
					found++
					s, err := studyOf(name, options)
					if err != nil {
						t.Errorf("%s, %s: %v", filepath.Base(path), scale, err)
					} else if !s.Published() {
						t.Errorf("%s, %s: cells %+v, axis %+v, baseline %s, widths %v are not those of the study %s", filepath.Base(path), scale,
							s.Grid.Cells, s.Grid.Axis, s.Grid.Baseline, s.Grid.Dims, name)
					}
				}
			}
		}
	}
	if found != 2*3 {
		t.Errorf("%d grids in the notebooks", found)
	}
	// It can fail.
	settle(t)
	for name, options := range gridsOf(t, "%%\nnb.Show(nb.Grid(\"epochs\", nb.Vary(\"pretrain.epochs\", 0, 1, 2, 3)))") {
		if s, err := studyOf(name, options); err != nil || s.Published() {
			t.Errorf("other epochs: %v", err)
		}
	}
}

// gridsOf evaluates the calls of nb.Grid in a cell.
func gridsOf(t *testing.T, source string) map[string][]StudyOption {
	t.Helper()
	grids := map[string][]StudyOption{}
	_, body, _ := strings.Cut(source, "%%")
	if !strings.Contains(body, "nb.Grid(") {
		return nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", "package main\nfunc main() {"+body+"\n}", 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || called(call) != "Grid" {
			return true
		}
		name := valueOf(t, call.Args[0], reflect.TypeFor[string]()).String()
		if !slices.Contains(study.Names(), name) {
			return false // a grid of the notebook's own
		}
		var options []StudyOption
		for _, a := range call.Args[1:] {
			options = append(options, valueOf(t, a, reflect.TypeFor[any]()).Interface().(StudyOption))
		}
		grids[name] = options
		return false
	})
	return grids
}

// called is the function of package nb that is called.
func called(call *ast.CallExpr) string {
	if f, ok := call.Fun.(*ast.SelectorExpr); ok {
		return f.Sel.Name
	}
	return ""
}

// valueOf evaluates an expression of constants and options as a parameter of a type takes it.
func valueOf(t *testing.T, e ast.Expr, as reflect.Type) reflect.Value {
	t.Helper()
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return constantOf(t, e, as)
	}
	f := reflect.ValueOf(calls[called(call)])
	if !f.IsValid() {
		t.Fatalf("nb.%s is unknown to this test", called(call))
	}
	var in []reflect.Value
	for i, a := range call.Args {
		last := f.Type().NumIn() - 1
		kind := f.Type().In(min(i, last))
		if f.Type().IsVariadic() && i >= last {
			kind = f.Type().In(last).Elem()
		}
		in = append(in, valueOf(t, a, kind))
	}
	return f.Call(in)[0]
}

// constantOf is a constant as Go converts it to a type.
func constantOf(t *testing.T, e ast.Expr, as reflect.Type) reflect.Value {
	t.Helper()
	v := fold(t, e)
	var plain any
	switch v.Kind() {
	case constant.String:
		plain = constant.StringVal(v)
	case constant.Int:
		n, _ := constant.Int64Val(v)
		plain = int(n)
	default:
		plain, _ = constant.Float64Val(v)
	}
	if as.Kind() == reflect.Interface {
		return reflect.ValueOf(plain)
	}
	return reflect.ValueOf(plain).Convert(as)
}

// fold evaluates literals and quotients of them.
func fold(t *testing.T, e ast.Expr) constant.Value {
	t.Helper()
	switch e := e.(type) {
	case *ast.BasicLit:
		return constant.MakeFromLiteral(e.Value, e.Kind, 0)
	case *ast.BinaryExpr:
		return constant.BinaryOp(constant.ToFloat(fold(t, e.X)), e.Op, constant.ToFloat(fold(t, e.Y)))
	}
	t.Fatalf("%T cannot be evaluated here", e)
	return nil
}
