// SPDX-License-Identifier: Apache-2.0

package report

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"text/template"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/text"
)

// Fill fills the values of a results file into a text, by Go's templates, and returns Markdown. A value that the file lacks, and
// one that is neither a number nor text, is an error that begins with the name.
//
//	{{.a.b}}               the value of b in a: a number with four significant digits, 12000 as 12,000
//	{{pct .a.share}}       a share as 12.3%
//	{{by .a.rho .b.rho}}   how far the first is above or below the second: "0.012 above"
//	{{(row .scores "model" "member1").spearman}}    a value of the row of a list whose field has that text
//	{{$a := row .scores "model" "a"}}{{$a.rho}}     the same by a name
//	{{if gt .x 0.5}}…{{end}}                        words that depend on the result
func Fill(name, words string, values map[string]any) (string, error) {
	parsed, err := template.New(name).Option("missingkey=error").Funcs(functions).Parse(words)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := parsed.Execute(&b, readable(values)); err != nil {
		return "", err
	}
	filled := strings.TrimSpace(b.String())
	if strings.Contains(filled, unprintable) {
		return "", fmt.Errorf("%s: the text prints a value that is neither a number nor text", name)
	}
	if scale, _ := values["scale"].(string); scale == competition.ScaleTiny {
		filled = tinyNumbers + "\n\n" + filled
	}
	return filled, nil
}

// tinyNumbers heads a text whose numbers are of the scale tiny.
const tinyNumbers = "Scale `tiny`: every part works, and its numbers mean nothing."

// unprintable is what a value without a text prints as; no text of a results file or template has it.
const unprintable = "\x00"

// The values of a results file, each of a type that prints for Markdown. Templates compute with them as with the types below them.
type (
	number  float64
	phrase  string
	record  map[string]any
	records []any
)

func (n number) String() string {
	if v := float64(n); v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return text.Thousands(int64(v))
	}
	return Rounded(float64(n))
}

func (p phrase) String() string { return EscapeMarkdown(string(p)) }
func (record) String() string   { return unprintable }
func (records) String() string  { return unprintable }

// readable gives a value of decoded JSON, and all values in it, types that print for Markdown.
func readable(v any) any {
	switch v := v.(type) {
	case float64:
		return number(v)
	case string:
		return phrase(v)
	case map[string]any:
		r := record{}
		for key, value := range v {
			r[key] = readable(value)
		}
		return r
	case []any:
		list := records{}
		for _, value := range v {
			list = append(list, readable(value))
		}
		return list
	case nil:
		return records(nil)
	}
	return v
}

// functions are those of the templates.
var functions = template.FuncMap{
	"pct":   func(x number) string { return fmt.Sprintf("%.1f%%", 100*x) },
	"by":    func(a, b number) string { return Difference(float64(a - b)) },
	"row":   findRow,
	"len":   func(list records) number { return number(len(list)) }, // all numbers are of one type
	"last":  lastRow,
	"minus": func(a, b number) number { return a - b },
	"over":  func(a, b number) number { return a / b },
	"times": func(a, b number) number { return a * b },
	"plus":  func(a, b number) number { return a + b },
}

// lastRow is the last row of a list.
func lastRow(list records) (any, error) {
	if len(list) == 0 {
		return nil, errors.New("the last of no rows")
	}
	return list[len(list)-1], nil
}

// findRow finds the first row of a list in which a field has a value.
func findRow(list records, field string, value any) (record, error) {
	want := readable(value)
	if n, ok := value.(int); ok {
		want = number(n)
	}
	for _, item := range list {
		if r, ok := item.(record); ok && r[field] == want {
			return r, nil
		}
	}
	return nil, fmt.Errorf("no row has %s %v", field, value)
}
