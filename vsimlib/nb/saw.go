// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"text/template"
)

// Saw writes what was seen: a text whose numbers come from a results file, by Go's templates. It fails where the file lacks one.
//
//	{{.a.b}}        the value of b in a, a number with four digits that count, 12000 as 12,000
//	{{pct .a.share}}   a share as 12.3%
//	{{by .a.rho .b.rho}}   how far the first is above or below the second: "0.012 above"
//	{{(row .scores "model" "member1").spearman}}   of a list of rows, a value of the one where a field has that text
//	{{$a := row .scores "model" "a"}}{{$a.rho}}   the same by a name
//	{{if gt .x 0.5}}…{{end}}   words that hang on the result
func Saw(results, text string) error {
	words, err := saw(results, text)
	if err != nil {
		return err
	}
	showMarkdown(words)
	return nil
}

func saw(results, text string) (string, error) {
	var values map[string]any
	if err := readJSON(Results(results), &values); err != nil {
		return "", fmt.Errorf("%w; run the cells above first", err)
	}
	parsed, err := template.New(results).Option("missingkey=error").Funcs(words).Parse(printed(text))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := parsed.Execute(&b, values); err != nil {
		return "", err
	}
	out := strings.TrimSpace(b.String())
	if scale, _ := values["scale"].(string); scale == tiny {
		out = "Scale `tiny`: every part works, and its numbers mean nothing.\n\n" + out
	}
	return out, nil
}

// words are the functions of Saw's templates.
var words = template.FuncMap{
	"show": show,
	"pct":  func(x float64) string { return fmt.Sprintf("%.1f%%", 100*x) },
	"by":   func(a, b float64) string { return difference(a - b) },
	"row":  row,
	"len":  func(list []any) float64 { return float64(len(list)) }, // all numbers are of one type
	"last": func(list []any) (any, error) {
		if len(list) == 0 {
			return nil, errors.New("the last of no rows")
		}
		return list[len(list)-1], nil
	},
	"minus": func(a, b float64) float64 { return a - b },
	"over":  func(a, b float64) float64 { return a / b },
}

// printed sends every value of a template through show, so that {{.a}} reads well.
func printed(text string) string {
	var b strings.Builder
	for rest := text; ; {
		before, inside, found := strings.Cut(rest, "{{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		inside, rest, found = strings.Cut(inside, "}}")
		b.WriteString("{{" + inside)
		if found && !isControl(inside) {
			b.WriteString(" | show")
		}
		if found {
			b.WriteString("}}")
		}
	}
}

// isControl tells what is said inside a template's braces from a value that is shown.
func isControl(inside string) bool {
	switch keyword, _, _ := strings.Cut(strings.TrimSpace(inside), " "); keyword {
	case "if", "else", "end", "range", "with":
		return true
	}
	return strings.Contains(inside, ":=")
}

// show writes a value of a results file for Markdown.
func show(v any) (string, error) {
	switch v := v.(type) {
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return grouped(int64(v)), nil
		}
		return rounded(v), nil
	case string:
		return escapeMarkdown(v), nil
	case bool:
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("%T is no number and no text", v)
}

// row finds the row of a list in which a field has a value.
func row(list []any, field string, value any) (map[string]any, error) {
	for _, item := range list {
		if r, ok := item.(map[string]any); ok && fmt.Sprint(r[field]) == fmt.Sprint(value) {
			return r, nil
		}
	}
	return nil, fmt.Errorf("no row has %s %v", field, value)
}
