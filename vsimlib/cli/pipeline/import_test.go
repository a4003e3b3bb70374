// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"io"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/huggingface"
)

// TestNamesFromFiles: neither a summary nor a line of progress steers the terminal, whatever names in files are.
func TestNamesFromFiles(t *testing.T) {
	var out, text strings.Builder
	a := cli.New(&out, cli.NewConsole(cli.Screen{Writer: &text, Now: time.Now}))
	report := huggingface.Report{Skipped: []string{"\x1b]0;x\x07\x1b[2J\nmodel: /etc/passwd"}, Notes: []string{"\u202ea"}}
	if err := a.Result(report, func(w io.Writer) { importSummary(w, report, "out\x1b[2J") }); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[2], "skipped") || strings.ContainsAny(out.String(), "\x1b\x07\u202e") {
		t.Errorf("%q", lines)
	}
	a.Console.Progress("work", cli.Note("\x1b[2Ja\nb"), false)
	if got, want := text.String(), "vsim: [2Ja b\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
