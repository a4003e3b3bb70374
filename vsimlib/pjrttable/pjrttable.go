// SPDX-License-Identifier: Apache-2.0

// Package pjrttable finds the table of functions of a PJRT plugin that the process has loaded, so that packages can put functions
// of their own before the plugin's. go-xla v0.4.1 reads the table at each call and has no hooks of its own.
package pjrttable

import "unsafe"

// Plugin is a plugin that the process has loaded.
type Plugin struct {
	Path  string         // the path that it was loaded from
	Table unsafe.Pointer // its table of functions (GetPjrtApi); nil: look for it by the path
}
