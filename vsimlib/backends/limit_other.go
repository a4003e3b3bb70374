// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package backends

// addressSpace is unknown here.
func addressSpace() (left int64, ok bool) { return 0, false }
