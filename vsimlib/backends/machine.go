// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"sync"

	"github.com/gomlx/compute"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/plugin"
	"vsim/vsimlib/provenance"
)

// machines are the descriptions of the backends that this process has opened.
var machines struct {
	sync.Mutex
	of map[compute.Backend]provenance.Machine
}

// Machine says by what a backend computes. Without a backend (nil) its kind, plugin and device are "". The first call for a plugin
// other than the pinned one reads its file.
func Machine(backend compute.Backend) provenance.Machine {
	m := provenance.Host()
	if backend == nil {
		return m
	}
	backend = inner(backend)
	machines.Lock()
	defer machines.Unlock()
	if known, ok := machines.of[backend]; ok {
		return known
	}
	kind := Kind(backend)
	m.Backend, m.Device, m.Plugin = Setting(backend), Name(Info{Kind: kind}, backend), pluginSum(backend)
	if machines.of == nil {
		machines.of = map[compute.Backend]provenance.Machine{}
	}
	machines.of[backend] = m
	return m
}

// Setting is the kind of a backend, and where its products of matrices are not those that the kind usually has, also that: "cuda,
// TF32 off".
func Setting(backend compute.Backend) string {
	kind := Kind(backend)
	if kind == CUDA && !UsesTF32(backend) {
		return kind + ", TF32 off"
	}
	return kind
}

// Any is the setting of a study whose tasks any backend may compute; they are apart from those of one backend.
const Any = "any"

// SettingKind is the kind of the backends that have a setting; Any for Any.
func SettingKind(setting string) string {
	kind, _, _ := strings.Cut(setting, ",")
	return kind
}

// preloaded is what go-xla has for the path of a plugin that it was given loaded: the pinned one, whose checksum was compared.
const preloaded = "_preloaded_"

// pluginSum is the sha256 of a backend's plugin, "" where it has none or its file cannot be read any more.
func pluginSum(backend compute.Backend) string {
	path := pluginPath(backend)
	switch path {
	case "":
		return ""
	case preloaded:
		return plugin.Checksum()
	}
	f, err := filetype.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, f, make([]byte, 1<<20)); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// inner is the backend that computes, without those that wrap it.
func inner(backend compute.Backend) compute.Backend {
	for {
		wrapped, ok := backend.(interface{ Unwrap() compute.Backend })
		if !ok {
			return backend
		}
		backend = wrapped.Unwrap()
	}
}
