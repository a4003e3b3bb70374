// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package backends

import "fmt"

// throughDescriptor has no /proc to name the plugin by.
func throughDescriptor(path, kind string) (string, error) {
	return "", fmt.Errorf("the path misleads go-xla, which wants the word %q and no other device's in it, and no comma: "+
		"move the plugin", kind)
}
