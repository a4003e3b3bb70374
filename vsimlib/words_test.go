// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"go/ast"
	"go/parser"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// word is a line of the vocabulary: a phrase and what to write instead.
type word struct {
	phrase, instead string
	words           []string // of the phrase, in lower case, without asterisks
	pattern         *regexp.Regexp
}

const vocabularyPage = ".github/CONTRIBUTING.md"

// vocabulary reads the table of words.
func vocabulary(t *testing.T) []word {
	t.Helper()
	_, table, ok := strings.Cut(readFile(t, vocabularyPage), "| do not write | write |\n")
	if !ok {
		t.Fatalf("%s has no table of words", vocabularyPage)
	}
	var all []word
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 2 {
			break
		}
		if strings.Contains(cells[0], "---") {
			continue
		}
		for phrase := range strings.SplitSeq(cells[0], ",") {
			all = append(all, newWord(strings.TrimSpace(phrase), strings.TrimSpace(cells[1])))
		}
	}
	if len(all) < 30 {
		t.Fatalf("only %d phrases found in %s", len(all), vocabularyPage)
	}
	return all
}

// newWord makes the pattern of a phrase: any spaces between its words, line breaks included; an asterisk is any ending.
func newWord(phrase, instead string) word {
	patterns := strings.Fields(phrase)
	for i, w := range patterns {
		patterns[i] = strings.ReplaceAll(regexp.QuoteMeta(w), `\*`, `[a-z]*`)
	}
	words := strings.Fields(strings.ToLower(strings.ReplaceAll(phrase, "*", "")))
	return word{phrase, instead, words, regexp.MustCompile(`(?i)\b` + strings.Join(patterns, `\s+`) + `\b`)}
}

// misused is a phrase found in a text.
type misused struct {
	word
	offset int
}

// phrases returns the phrases of the vocabulary that a text has.
func phrases(text string, words []word) []misused {
	var found []misused
	lower := strings.ToLower(text)
	for _, w := range words {
		if slices.ContainsFunc(w.words, func(part string) bool { return !strings.Contains(lower, part) }) {
			continue // much faster than the pattern
		}
		for _, m := range w.pattern.FindAllStringIndex(text, -1) {
			found = append(found, misused{w, m[0]})
		}
	}
	return found
}

// TestWords looks for the phrases of the vocabulary in comments, messages, pages and notebooks.
func TestWords(t *testing.T) {
	words := vocabulary(t)
	for _, p := range slices.Concat(comments(t), literals(t), markdown(t), notebookCells(t)) {
		if p.file == vocabularyPage {
			p.text, _, _ = strings.Cut(p.text, "| do not write |")
		}
		for _, m := range phrases(p.text, words) {
			t.Errorf("%s: %q: write: %s", p.at(m.offset), m.phrase, m.instead)
		}
	}
	for _, s := range sources(t, parser.SkipObjectResolution) {
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if name, ok := n.(*ast.Ident); ok && name.Name == "ToDo" {
				t.Errorf("vsimlib/%s:%d: the name ToDo: write: Total", s.path, s.fset.Position(name.Pos()).Line)
			}
			return true
		})
	}
}

// TestWordsCanFail plants phrases.
func TestWordsCanFail(t *testing.T) {
	words := vocabulary(t)
	for text, count := range map[string]int{
		"Set reports whether the value is set.":    0,
		"Set tells\nwhether the value is set.":     1,
		"a masked   word, reckoned":                2,
		"Nobody reads it.":                         1,
		"the masked tokens of a batch; body parts": 0,
	} {
		if found := phrases(text, words); len(found) != count {
			t.Errorf("%q: %d phrases found, want %d", text, len(found), count)
		}
	}
}
