// SPDX-License-Identifier: Apache-2.0

// Package otherbackend gives tests a backend of another name.
package otherbackend

import (
	"testing"

	"github.com/gomlx/compute"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/compilecache"
)

// Other returns the pure Go backend as one of the kind "other".
func Other(t testing.TB) compute.Backend {
	t.Helper()
	return compilecache.New(pretended{backendstest.Go(t)}) // whose buffers are its own, as GoMLX demands
}

// pretended is a backend under the name of a plugin of another kind.
type pretended struct{ compute.Backend }

// PluginName has the kind "other".
func (pretended) PluginName() string { return "/nowhere/pjrt_c_api_other_plugin.so" }
