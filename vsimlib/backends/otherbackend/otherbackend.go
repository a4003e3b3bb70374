// SPDX-License-Identifier: Apache-2.0

// Package otherbackend gives tests two backends, of which the second only has another name.
package otherbackend

import (
	"testing"

	"github.com/gomlx/compute"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/compilecache"
)

// Go returns the pure Go backend, which compiles at once.
func Go(t testing.TB) compute.Backend {
	t.Helper()
	b, err := backends.OpenGo()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Other returns the pure Go backend as one of the kind "other".
func Other(t testing.TB) compute.Backend {
	t.Helper()
	return compilecache.New(pretended{Go(t)}) // whose buffers are its own, as GoMLX demands
}

// pretended is a backend under the name of a plugin of another kind.
type pretended struct{ compute.Backend }

// PluginName has the kind "other".
func (pretended) PluginName() string { return "/nowhere/pjrt_c_api_other_plugin.so" }
