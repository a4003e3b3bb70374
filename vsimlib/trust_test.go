// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"fmt"
	"go/ast"
	"go/parser"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// trustRows are the rows of docs/trust.md.
func trustRows() (rows []string) {
	for i := range 18 {
		rows = append(rows, fmt.Sprintf("R%d", i+1))
	}
	for i := range 10 {
		rows = append(rows, fmt.Sprintf("S%d", i+1))
	}
	return rows
}

// namedTest is a test on the page: its package, "" for this folder's, and its name.
var namedTest = regexp.MustCompile("`(?:([a-z0-9/]+)/)?((?:Test|Fuzz)[A-Za-z0-9]+)`")

// testsOf returns the names of the tests and fuzz targets of every package.
func testsOf(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, s := range sources(t, parser.SkipObjectResolution) {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.test && f.Recv == nil {
				names[s.pkg+"/"+f.Name.Name] = true
			}
		}
	}
	return names
}

// faultsOfTrust lists what is wrong with the page: rows that are missing, tests that do not exist, promises without a test.
func faultsOfTrust(page string, tests map[string]bool) (faults []string) {
	var rows []string
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 4 || !regexp.MustCompile(`^ ?[RS]\d+$`).MatchString(cells[0]) {
			continue
		}
		row, state := strings.TrimSpace(cells[0]), cells[2]
		rows = append(rows, row)
		found := namedTest.FindAllStringSubmatch(cells[3], -1)
		for _, m := range found {
			if !tests[m[1]+"/"+m[2]] {
				faults = append(faults, fmt.Sprintf("%s names the test %s, which does not exist", row, m[0]))
			}
		}
		switch why := strings.TrimRight(namedTest.ReplaceAllString(cells[3], ""), " ,|"); {
		case !slices.Contains([]string{"held", "partly", "not held"}, state):
			faults = append(faults, fmt.Sprintf("%s: %q is no state", row, state))
		case state == "held" && len(found) == 0:
			faults = append(faults, row+" is held by no test")
		case state != "held" && len(why) < 20:
			faults = append(faults, row+" does not say what is missing")
		}
	}
	if !slices.Equal(rows, trustRows()) {
		faults = append(faults, fmt.Sprintf("the rows are %v", rows))
	}
	return faults
}

// TestTrust: every row of docs/trust.md is there, and the tests that it names exist.
func TestTrust(t *testing.T) {
	for _, fault := range faultsOfTrust(readFile(t, "vsimlib/docs/trust.md"), testsOf(t)) {
		t.Errorf("docs/trust.md: %s", fault)
	}
}

// TestTrustCanFail shows that each rule can fail.
func TestTrustCanFail(t *testing.T) {
	page, tests := readFile(t, "vsimlib/docs/trust.md"), testsOf(t)
	for _, c := range []struct{ old, now, want string }{
		{"`batch/TestOrder`", "`batch/TestOder`", "R2 names the test `batch/TestOder`"},
		{"| R2 |", "| R22 |", "the rows are"},
		{"`batch/TestOrder`, `batch/TestEpochOrder`", "see there", "R2 is held by no test"},
		{"once | held |", "once | partly |", "R2 does not say"},
		{"once | held |", "once | well |", `R2: "well" is no state`},
	} {
		broken := strings.Replace(page, c.old, c.now, 1)
		if faults := strings.Join(faultsOfTrust(broken, tests), "\n"); broken == page || !strings.Contains(faults, c.want) {
			t.Errorf("%q for %q: %q, want %q", c.now, c.old, faults, c.want)
		}
	}
}

// TestNoCodeInFiles: nothing decodes what can name code of its own, and only the command and a notebook's cell end the process.
func TestNoCodeInFiles(t *testing.T) {
	for _, s := range sources(t, parser.SkipObjectResolution) {
		for _, spec := range s.ast.Imports {
			if path := strings.Trim(spec.Path.Value, `"`); path == "encoding/gob" || path == "plugin" {
				t.Errorf("%s imports %s", s.path, path)
			}
		}
		if s.test || slices.Contains([]string{"cli", "nb", "cmd/vsim"}, s.pkg) || strings.HasSuffix(s.pkg, "test") {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok && call.Sel.Name == "Exit" && fmt.Sprint(call.X) == "os" {
				t.Errorf("%s ends the process", s.path)
			}
			return true
		})
	}
}
