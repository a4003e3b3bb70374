// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/text"
)

// WarnOfBackend passes on what the user should know of the backend that was picked.
func (a *App) WarnOfBackend(info backends.Info) {
	if info.Warning != "" {
		a.Warn(info.Warning)
	}
}

// Warn writes a warning to stderr, on one line.
func (a *App) Warn(line string) { _, _ = fmt.Fprintln(a.Console, "vsim: warning: "+text.OneLine(line)) }
