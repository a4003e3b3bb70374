// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/text"
)

// tell passes on what the user should know of the backend that was picked.
func (a *app) tell(info backends.Info) {
	if info.Warning != "" {
		a.warn(info.Warning)
	}
}

// warn tells one line on stderr.
func (a *app) warn(line string) { _, _ = fmt.Fprintln(a.err, "vsim: warning: "+text.OneLine(line)) }
