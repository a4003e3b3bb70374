// SPDX-License-Identifier: Apache-2.0

package code

import "testing"

func TestIsComplete(t *testing.T) {
	for _, c := range []struct{ code, status, indent string }{
		{"", complete, ""},
		{"x := 1", complete, ""},
		{"x++", complete, ""},
		{"%%\nmust.M(nb.Table(t))", complete, ""},
		{"func f() {", incomplete, "\t"},
		{"func f() {\n\tif x {", incomplete, "\t\t"},
		{"func f() {\n}\n", complete, ""},
		{"f(1,", incomplete, "\t"},
		{"x := 1 +", incomplete, "\t"},
		{"x.", incomplete, "\t"},
		{"}", invalid, ""},
		{"f(1))", invalid, ""},
		{"s := `one\ntwo", incomplete, ""},
		{"/* so", incomplete, ""},
		{"s := \"{\" // {", complete, ""},
		{"%env A {", complete, ""},
		{"!echo a \\", incomplete, ""},
		{"!echo {", complete, ""},
		{"//gonb:%%\nx := 1", complete, ""},
		{"%%bash\nif true; then {", complete, ""},
		{"%%writefile a.txt\n(((", complete, ""},
		{"\"unended", complete, ""}, // Go says what is wrong with it
	} {
		if status, indent := IsComplete(c.code); status != c.status || indent != c.indent {
			t.Errorf("%q: %s with indent %q, want %s with %q", c.code, status, indent, c.status, c.indent)
		}
	}
}

func FuzzIsComplete(f *testing.F) {
	f.Add("func f() {\n`")
	f.Fuzz(func(t *testing.T, code string) {
		switch status, _ := IsComplete(code); status {
		case complete, incomplete, invalid:
		default:
			t.Errorf("%q: %q", code, status)
		}
	})
}
