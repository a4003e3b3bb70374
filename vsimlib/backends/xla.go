// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && ((linux && (amd64 || arm64)) || (darwin && arm64))

package backends

import (
	"os"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla" // registers "xla"
	"github.com/gomlx/go-xla/pjrt"
)

// haveXLA reports whether this build can load XLA plugins at all.
const haveXLA = true

// disableAutoInstall keeps go-xla, and child processes, from downloading plugins without being asked.
func disableAutoInstall() {
	xla.EnableAutoInstall(false)
	_ = os.Setenv(xla.NoAutoInstallEnv, "1")
}

// UsesTF32 reports whether float32 products of matrices are rounded to TF32 on devices that have it.
func UsesTF32(backend compute.Backend) bool {
	b, ok := inner(backend).(*xla.Backend)
	return ok && b.DotGeneralUseTF32
}

// WithTF32 calls do while products of float32 matrices in new programs are rounded to TF32, or are not. It must not be called while
// other programs are built.
func WithTF32(backend compute.Backend, on bool, do func() error) error {
	b, ok := inner(backend).(*xla.Backend)
	if !ok {
		return do()
	}
	before := b.DotGeneralUseTF32
	b.DotGeneralUseTF32 = on
	defer func() { b.DotGeneralUseTF32 = before }()
	return do()
}

// pluginPath is the file of a backend's plugin, "" where it has none.
func pluginPath(backend compute.Backend) string {
	b, ok := inner(backend).(*xla.Backend)
	if !ok {
		return ""
	}
	p, err := pjrt.GetPlugin(b.PluginName()) // is loaded already
	if err != nil {
		return ""
	}
	return p.Path()
}
