// SPDX-License-Identifier: Apache-2.0

package code

import (
	"strings"
	"testing"
)

// TestUnfit: a command that is blank, at which GoNB looks behind its end; what only looks like one is left to GoNB.
func TestUnfit(t *testing.T) {
	for code, line := range map[string]string{
		"":                          "",
		"%":                         "",
		"%%":                        "",
		"%%\nfmt.Println()":         "",
		"!ls":                       "",
		"!\\\nls":                   "",
		"%%script sh\n! ":           "",
		"%%bash\t\n! ":              "",
		"%%writefile x\n% ":         "",
		"x := 1 % \\\n2":            "",
		"% ":                        "line 1: ",
		"%%\n!\t \nx := 1":          "line 2: ",
		"!\\":                       "line 1: ",
		"!\\\n\nx := 1":             "line 1: ",
		"x := 1\n" + Comment + "! ": "line 2: ",
		"%%script":                  "line 1: ",
		Comment + "%%script ":       "line 1: ",
	} {
		if got := Unfit(code); !strings.HasPrefix(got, line) || (got == "") != (line == "") || strings.Contains(got, "\n") {
			t.Errorf("%q: %q, want %q", code, got, line)
		}
	}
}
