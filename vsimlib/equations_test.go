// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"go/ast"
	"go/parser"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// labels is how many equations there are: E1 to E16.
const labels = 16

var (
	// label, section, package.function; the formula on the next line
	indexLine   = regexp.MustCompile(`(?m)^//	(E\d+) +.*?(?:§\S+|—) +(\S+)\n//	 +(\S.*)$`)
	formulaLine = regexp.MustCompile(`(?m)^\t(E\d+): (\S.*)$`)
	testName    = regexp.MustCompile(`^Test(E\d+)(?:[^0-9]|$)`)
)

// TestEquations holds the index in doc.go, the formulas over the functions and the names of the tests together.
func TestEquations(t *testing.T) {
	formulas, tests := map[string][]string{}, map[string]int{}
	for _, s := range sources(t, parser.ParseComments|parser.SkipObjectResolution) {
		for _, decl := range s.ast.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if m := testName.FindStringSubmatch(f.Name.Name); m != nil && s.test {
				tests[m[1]]++
			}
			for _, m := range formulaLine.FindAllStringSubmatch(f.Doc.Text(), -1) {
				formulas[m[1]] = append(formulas[m[1]], path.Base(s.pkg)+"."+f.Name.Name)
			}
		}
	}
	index := indexed(t)
	for n := 1; n <= labels; n++ {
		label := "E" + strconv.Itoa(n)
		switch found := formulas[label]; {
		case index[label] == "":
			t.Errorf("%s: not in the index of doc.go", label)
		case len(found) != 1:
			t.Errorf("%s: a formula line in the comments of %d functions (%s), want one", label, len(found), strings.Join(found, ", "))
		case found[0] != index[label]:
			t.Errorf("%s: doc.go names %s, the formula is over %s", label, index[label], found[0])
		}
		if tests[label] == 0 {
			t.Errorf("%s: no test is named Test%s…", label, label)
		}
	}
	if len(index) != labels || len(formulas) != labels {
		t.Errorf("%d labels in doc.go and %d over functions, want %d", len(index), len(formulas), labels)
	}
}

// indexed reads label → package.function from doc.go.
func indexed(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	index := map[string]string{}
	for _, m := range indexLine.FindAllStringSubmatch(string(text), -1) {
		if index[m[1]] != "" {
			t.Errorf("%s is a duplicate in doc.go", m[1])
		}
		index[m[1]] = m[2]
	}
	return index
}
