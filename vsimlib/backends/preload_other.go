// SPDX-License-Identifier: Apache-2.0

//go:build !linux || !cgo || noxla

package backends

// preload does nothing here: CUDA is for Linux, and for builds that have XLA.
func preload(string) {}
