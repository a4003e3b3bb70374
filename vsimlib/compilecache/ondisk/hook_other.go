// SPDX-License-Identifier: Apache-2.0

//go:build !cgo || noxla || !linux

package ondisk

// install does nothing: this build loads no plugins, or has no way to their tables.
func install(Plugin) error { return nil }
