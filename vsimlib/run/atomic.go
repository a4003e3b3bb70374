// SPDX-License-Identifier: Apache-2.0

package run

import (
	"io"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/jsonfile"
)

// Atomic is [atomicfile.Write].
func Atomic(path string, write func(w io.Writer) error) error { return atomicfile.Write(path, write) }

// SyncDir is [atomicfile.SyncDir].
func SyncDir(dir string) error { return atomicfile.SyncDir(dir) }

// WriteJSON is [jsonfile.Write].
func WriteJSON(path string, v any) error { return jsonfile.Write(path, v) }

// Sweep is [atomicfile.Sweep].
func Sweep(dir string) { atomicfile.Sweep(dir) }

// Cause is [atomicfile.Cause].
func Cause(err error) error { return atomicfile.Cause(err) }
