// SPDX-License-Identifier: Apache-2.0

//go:build !cgo || noxla || !linux

package asyncexec

import (
	"errors"
	"fmt"

	"vsim/vsimlib/pjrttable"
)

// Use does nothing: this build loads no plugins, or has no way to their tables.
func Use(pjrttable.Plugin) error {
	return fmt.Errorf("each step waits for the one before: %w", errors.ErrUnsupported)
}

func begin() {}
func end()   {}
