// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"errors"
	"fmt"
	"os"

	"vsim/vsimlib/text"
	"vsim/vsimlib/workspace"
)

// Exit statuses of a cell.
const (
	exitFailed  = 1
	exitStopped = 130 // that of a program that SIGINT ended
)

// Check ends the cell on an error, with one line on stderr that gives the reason. It is for cells alone: functions return errors.
func Check(err error) {
	if err == nil {
		return
	}
	code := exitFailed
	var stop *stopped
	if errors.As(err, &stop) {
		code = exitStopped
	}
	end(oneLine(err), code)
}

// Must returns a value, or ends the cell as Check does.
func Must[T any](value T, err error) T {
	Check(err)
	return value
}

// stopped is the error of work that was interrupted; its state is on disk.
type stopped struct{ text string }

func (s *stopped) Error() string { return s.text }

// end writes the last line of a cell, after all outputs, and ends it.
func end(line string, code int) {
	flush()
	_, _ = fmt.Fprintln(os.Stderr, line)
	os.Exit(code)
}

// oneLine is an error as a notebook may show it: one line without control characters and without the folders of this machine.
func oneLine(err error) string {
	line := text.OneLine(err.Error())
	if w, err := workspace.Open(); err == nil {
		line = w.Relative(line)
	}
	return line
}
