// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/janpfeifer/must"
)

func init() { must.M = end }

// Must returns the value, or ends the cell with the error's one line. It is must.M1 under this package's name.
func Must[T any](value T, err error) T { return must.M1(value, err) }

// Exit statuses of a cell.
const (
	exitFailed  = 1
	exitStopped = 130 // as of a program that SIGINT ended
)

// stopped is the error of work that was interrupted; what it had done is on disk.
type stopped struct{ text string }

func (s *stopped) Error() string { return s.text }

// end ends the cell on an error: one line that says why, after all that was to be shown.
func end(err error) {
	if err == nil {
		return
	}
	code := exitFailed
	var by *stopped
	if errors.As(err, &by) {
		code = exitStopped
	}
	exit(line(err), code)
}

// exit shows the last line of a cell and ends it.
func exit(text string, code int) {
	flush()
	_, _ = fmt.Fprintln(os.Stderr, text)
	os.Exit(code)
}

// line is an error on one line that may be shown: no control characters, no paths of this machine.
func line(err error) string {
	var parts []string
	for part := range strings.Lines(err.Error()) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	text := clean(strings.Join(parts, "; "))
	if p, err := where(); err == nil {
		text = p.relative(text)
	}
	return text
}
