// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"syscall"
)

// tracebackEnv decides how much Go prints when a program crashes. It is read once, at the start.
const tracebackEnv = "GOTRACEBACK"

// quietCrashes starts this program again with Go's stack dumps off, unless the user has chosen them: a crash that no
// recover reaches, as when XLA runs out of memory, is to be a line or two as well. Programs that vsim starts do not
// inherit it: a notebook's cells keep their traces.
func quietCrashes() {
	switch level, chosen := os.LookupEnv(tracebackEnv); {
	case level == "none":
		_ = os.Unsetenv(tracebackEnv)
	case !chosen:
		self, err := os.Executable()
		if err != nil {
			return
		}
		_ = syscall.Exec(self, os.Args, append(os.Environ(), tracebackEnv+"=none")) // returns only where it fails
	}
}
