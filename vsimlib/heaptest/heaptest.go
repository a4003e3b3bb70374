// SPDX-License-Identifier: Apache-2.0

// Package heaptest, imported for its effect, lets the heaps of tests grow before they are collected. Small tests have a few MB of
// memory in use and make much garbage: collecting it after each 4 MB, as Go does, is a third of their processor time.
package heaptest

import (
	"os"
	"runtime/debug"
)

// percent is the garbage, in percent of what is in use, at which tests collect: from 16 MB on.
const percent = 400

func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
