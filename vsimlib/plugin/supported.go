// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && linux && amd64

package plugin

// supported reports whether this build can load the pinned plugin.
const supported = true
