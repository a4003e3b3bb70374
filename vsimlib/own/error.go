// SPDX-License-Identifier: Apache-2.0

package own

import (
	"errors"
	"fmt"
)

// Error is what is wrong with a function, in one line that names it.
type Error struct{ line string }

func (e *Error) Error() string { return e.line }

func failf(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// Plain returns the Error in err, where there is one, without what GoMLX puts before the errors of graphs; else err.
func Plain(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	return err
}
