// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"go/ast"
	"go/parser"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	letterLine = regexp.MustCompile(`(?m)^//	([A-Z])   \S`)
	bracketed  = regexp.MustCompile(`\[([^\[\]\n]+)\]`)
	// An element of a shape: a sum or product of capitals and numbers, a name in lower case, or dots for any axes.
	dimension = regexp.MustCompile(`^(?:…|\.\.\.|[a-z]+|(?:[A-Z]|[0-9]+)(?:[+·/−](?:[A-Z]|[0-9]+))*)$`)
	capital   = regexp.MustCompile(`[A-Z]`)
	tagged    = regexp.MustCompile(`\$\$([^$]+)\\tag\{(E\d+)\}\s*\$\$`)
	command   = regexp.MustCompile(`\\(?:operatorname|mathrm|mathsf|mathtt|text)\{[^}]*\}|\\[A-Za-z]+`)
)

// notation reads the letters of doc.go.
func notation(t *testing.T) map[string]bool {
	t.Helper()
	letters := map[string]bool{}
	for _, m := range letterLine.FindAllStringSubmatch(readFile(t, "vsimlib/doc.go"), -1) {
		if letters[m[1]] {
			t.Errorf("doc.go explains the letter %s more than once", m[1])
		}
		letters[m[1]] = true
	}
	if len(letters) < 15 {
		t.Fatalf("only %d letters found in doc.go", len(letters))
	}
	return letters
}

// shapeFaults returns what is wrong with the shapes in a text, and the offsets of these shapes: letters that are not known, and
// letters where they cannot be.
func shapeFaults(text string, known map[string]bool) (faults []string, offsets []int) {
	for _, m := range bracketed.FindAllStringSubmatchIndex(text, -1) {
		shape := strings.Split(strings.ReplaceAll(text[m[2]:m[3]], " ", ""), ",")
		other := func(element string) bool { return !dimension.MatchString(element) }
		if !capital.MatchString(text[m[2]:m[3]]) || slices.ContainsFunc(shape, other) {
			continue
		}
		fault := func(what string) { faults, offsets = append(faults, what), append(offsets, m[0]) }
		for _, letter := range capital.FindAllString(text[m[2]:m[3]], -1) {
			if !known[letter] {
				fault("the letter " + letter + " is not in the notation of doc.go")
			}
		}
		for _, what := range misplaced(shape) {
			fault(what)
		}
	}
	return faults, offsets
}

// misplaced reports letters that have another meaning than doc.go's: widths that are not the last axis, counts that are not the
// first, and pairs that exclude each other.
func misplaced(shape []string) []string {
	var faults []string
	for i, letter := range shape {
		if last := i == len(shape)-1; !last && (letter == "R" || letter == "D") {
			faults = append(faults, letter+" is a width: it can only be the last axis")
		}
		if i > 0 && (letter == "N" || letter == "C") && shape[0] != letter {
			faults = append(faults, letter+" counts rows: it can only be the first axis")
		}
	}
	for _, pair := range []string{"BK", "BN", "QF", "PF", "BC"} {
		if slices.Contains(shape, pair[:1]) && slices.Contains(shape, pair[1:]) {
			faults = append(faults, pair[:1]+" and "+pair[1:]+" cannot be axes of one array")
		}
	}
	return faults
}

// TestShapes holds the shapes in comments, pages and notebooks, such as [B,S,H], to the letters of doc.go.
func TestShapes(t *testing.T) {
	known := notation(t)
	for _, p := range slices.Concat(comments(t), markdown(t), notebookCells(t)) {
		faults, offsets := shapeFaults(p.text, known)
		for i, fault := range faults {
			t.Errorf("%s: a shape: %s", p.at(offsets[i]), fault)
		}
	}
	formulas(t, func(where, label, formula, want string) {
		if formula != want {
			t.Errorf("%s: %s is\n\t%s\nover the function, and in doc.go\n\t%s", where, label, formula, want)
		}
	})
}

// formulas calls do with every formula over a function and doc.go's of the same label.
func formulas(t *testing.T, do func(where, label, formula, want string)) {
	t.Helper()
	index := equations(t)
	for _, s := range sources(t, parser.ParseComments|parser.SkipObjectResolution) {
		for _, decl := range s.ast.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok {
				for _, m := range formulaLine.FindAllStringSubmatch(f.Doc.Text(), -1) {
					do(path.Join("vsimlib", s.path), m[1], spaced(m[2]), index[m[1]])
				}
			}
		}
	}
}

// equations reads label → formula from doc.go.
func equations(t *testing.T) map[string]string {
	t.Helper()
	index := map[string]string{}
	for _, m := range indexLine.FindAllStringSubmatch(readFile(t, "vsimlib/doc.go"), -1) {
		index[m[1]] = spaced(m[3])
	}
	return index
}

// spaced is a formula with single spaces and no stop at its end.
func spaced(formula string) string {
	return strings.TrimRight(strings.Join(strings.Fields(formula), " "), ",.")
}

// TestFormulasOfNotebooks holds the typeset formulas to the letters of doc.go: each has only the letters of its label there and the
// counts of its indices.
func TestFormulasOfNotebooks(t *testing.T) {
	index, found := equations(t), 0
	for _, p := range notebookCells(t) {
		for _, m := range tagged.FindAllStringSubmatch(p.text, -1) {
			found++
			for _, fault := range typesetFaults(m[1], index[m[2]]) {
				t.Errorf("%s: %s: %s", p.file, m[2], fault)
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d formulas found in notebooks", found)
	}
}

// typesetFaults compares the letters of a formula in TeX with those of doc.go's.
func typesetFaults(tex, formula string) []string {
	if formula == "" {
		return []string{"doc.go has no such label"}
	}
	var faults []string
	set, want := single(command.ReplaceAllString(tex, " ")), single(strings.NewReplacer("ᵗ", " t ", "ᵀ", " T ").Replace(formula))
	for letter := range set {
		if !want[letter] && !want[strings.ToLower(letter)] {
			faults = append(faults, "the letter "+letter+" is not in doc.go's formula")
		}
	}
	slices.Sort(faults)
	return faults
}

// single returns the Latin letters of a formula that are symbols and not parts of words; an index is a symbol too.
func single(formula string) map[string]bool {
	letters := map[string]bool{}
	for _, word := range regexp.MustCompile(`[A-Za-z]+`).FindAllString(formula, -1) {
		if len(word) == 1 {
			letters[word] = true
		}
	}
	return letters
}

// TestNotationCanFail plants wrong letters.
func TestNotationCanFail(t *testing.T) {
	known := notation(t)
	for text, count := range map[string]int{
		"logits [B,S,H] and weights [M]": 0,
		"logits [B,E] float32":           1,
		"positions [B·T+Q,Y]":            1,
		"rows [Z]":                       1,
		"[CLS] and a[i], [0,1], [Open]":  0,
		"heads [B,A,S,H/A], [...,X]":     1,
		"frames [B,N,F]":                 2,
		"tags [B,K], rows [R,L]":         2,
		"embeddings [N,D], [B,F,R]":      0,
	} {
		if got, _ := shapeFaults(text, known); len(got) != count {
			t.Errorf("%q has the faults %q, want %d", text, got, count)
		}
	}
	e1 := equations(t)["E1"]
	if e1 == "" || spaced(strings.Replace(e1, "G", "K", 1)) == e1 {
		t.Errorf("E1 is %q", e1)
	}
	good := `L_\mathrm{tag} = \frac{1}{B\,G}\sum_{b=1}^{B}\sum_{g=1}^{G}\bigl[\operatorname{softplus}(x_{bg}) - y_{bg}\,x_{bg}\bigr]`
	if faults := typesetFaults(good, e1); len(faults) != 0 {
		t.Errorf("a good E1: %q", faults)
	}
	if faults := typesetFaults(strings.ReplaceAll(good, "g", "k"), e1); len(faults) != 1 {
		t.Errorf("an E1 with a wrong letter: %q", faults)
	}
}
