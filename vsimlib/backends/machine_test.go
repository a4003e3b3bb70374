// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"

	"vsim/vsimlib/plugin"
)

// wrapped is a backend in another one.
type wrapped struct{ compute.Backend }

func (w wrapped) Unwrap() compute.Backend { return w.Backend }

// TestMachine: a backend has its kind and device, also where another one wraps it; without one neither is known.
func TestMachine(t *testing.T) {
	plain, err := OpenGo()
	if err != nil {
		t.Fatal(err)
	}
	m := Machine(plain)
	if m.Backend != Go || m.Plugin != "" || m.Device == "" || m.CPU == "" || Machine(wrapped{wrapped{plain}}) != m {
		t.Errorf("%+v", m)
	}
	if m := Machine(nil); m.Backend != "" || m.Device != "" || m.CPU == "" {
		t.Errorf("without a backend: %+v", m)
	}
}

// TestPinnedMachine: the pinned plugin has the checksum that was compared.
func TestPinnedMachine(t *testing.T) {
	if plugin.Path() == "" || os.Getenv(backendEnv) != "" || os.Getenv(pluginEnv) != "" {
		t.Skip("the pinned plugin is not installed, or another backend is asked for")
	}
	t.Setenv(backendEnv, "xla:"+plugin.Path())
	b, _, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	if m := Machine(b); m.Backend != CPU || m.Plugin != plugin.Checksum() || filepath.IsAbs(m.Device) {
		t.Errorf("%+v", m)
	}
}
