// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"errors"
	"strings"
	"testing"

	"vsim/vsimlib/backends"
)

// TestOpened: a card of which the plugin fails is not ok, though the CPU computes; without a plugin for it, a warning suffices.
func TestOpened(t *testing.T) {
	for _, c := range []struct {
		name string
		info backends.Info
		ok   bool
		text string
	}{
		{"well", backends.Info{Backend: "xla", Kind: backends.CUDA, Devices: 1}, true, "xla cuda, 1 device"},
		{"the card's plugin fails", backends.Info{Backend: "xla", Kind: backends.CPU, Failed: true,
			Warning: "xla_cuda_plugin.so: No visible GPU devices; using xla cpu"}, false, "No visible GPU devices"},
		{"no plugin for the card", backends.Info{Backend: "xla", Kind: backends.CPU, Warning: "no CUDA plugin"}, true, "no CUDA plugin"},
		{"no XLA", backends.Info{Backend: backends.Go, Kind: backends.Go, Warning: "no plugin"}, false, "no plugin"},
	} {
		d := diagnosis{OK: true}
		d.opened(c.info)
		if f := d.Checks[0]; d.OK != c.ok || f.OK != c.ok || !strings.Contains(f.Found, c.text) || (f.Fix == "") != c.ok {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}

// TestTrials: every device has a line, and one that does not compute in a type is a failure.
func TestTrials(t *testing.T) {
	d := diagnosis{OK: true}
	good := backends.Tried{Name: "NVIDIA H100", Passed: []string{"float32", "TF32", "bfloat16"}}
	d.trials([]backends.Tried{good})
	if !d.OK || d.Checks[0].Name != "device 0" || d.Checks[0].Found != "NVIDIA H100: float32, TF32, bfloat16" {
		t.Errorf("%+v", d)
	}
	bad := backends.Tried{Name: "NVIDIA H100", Passed: []string{"float32"}, Failed: []error{errors.New("TF32 failed: no ptxas")}}
	d.trials([]backends.Tried{good, bad})
	if f := d.Checks[2]; d.OK || f.OK || f.Name != "device 1" || f.Found != "NVIDIA H100: float32; TF32 failed: no ptxas" ||
		!strings.Contains(f.Fix, "nvidia-cuda-nvcc") {
		t.Errorf("%+v", d)
	}
}
