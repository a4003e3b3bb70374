// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package proc

// KeepMemory does nothing on systems without glibc.
func KeepMemory() {}

// Memory is the variable of the environment that KeepMemory sets: none here.
func Memory() (name, value string) { return "", "" }
