// SPDX-License-Identifier: Apache-2.0

//go:build !cgo || noxla || !((linux && (amd64 || arm64)) || (darwin && arm64))

package backends

import "github.com/gomlx/compute"

// haveXLA reports whether this build can load XLA plugins at all.
const haveXLA = false

func disableAutoInstall() {}

// UsesTF32 is false: nothing here has TF32.
func UsesTF32(compute.Backend) bool { return false }

// pluginPath is "": no backend has a plugin.
func pluginPath(compute.Backend) string { return "" }

// WithTF32 calls do: without XLA nothing is rounded to TF32.
func WithTF32(_ compute.Backend, _ bool, do func() error) error { return do() }
