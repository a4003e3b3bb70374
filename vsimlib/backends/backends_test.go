// SPDX-License-Identifier: Apache-2.0

package backends_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/plugin"
)

// TestBackendComputes compiles and runs a small graph on the backend every other test uses.
func TestBackendComputes(t *testing.T) {
	backend := backendstest.Backend(t)
	exec, err := graph.NewExec(backend, func(a, b *graph.Node) *graph.Node { return graph.MatMul(a, b) })
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Call([][]float32{{1, 2, 3}, {4, 5, 6}}, [][]float32{{1, 0}, {0, 1}, {1, -1}})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float32{{4, -1}, {10, -1}} // by hand
	got := out[0].Value().([][]float32)
	for i := range want {
		for j := range want[i] {
			if got[i][j] != want[i][j] {
				t.Fatalf("product %v, want %v", got, want)
			}
		}
	}
	if backendstest.Backend(t) != backend {
		t.Error("a second call opened a second backend")
	}
}

func TestOpen(t *testing.T) {
	backendstest.XLA(t) // installs the plugin where it is missing, and points GOMLX_BACKEND at it
	tests := []struct{ config, kind, backend string }{
		{os.Getenv("GOMLX_BACKEND"), backends.CPU, "xla"},
		{"xla:cpu", backends.CPU, "xla"},
		{"go", backends.Go, "go"},
	}
	for _, tt := range tests {
		t.Run(tt.config, func(t *testing.T) {
			t.Setenv("GOMLX_BACKEND", tt.config)
			backend, info, err := backends.Open()
			if err != nil {
				t.Fatal(err)
			}
			if info.Kind != tt.kind || info.Backend != tt.backend || info.Devices < 1 || info.Warning != "" {
				t.Errorf("info %+v, want kind %s on %s", info, tt.kind, tt.backend)
			}
			if (info.Plugin == "") != (tt.kind == backends.Go) {
				t.Errorf("plugin %q of %s", info.Plugin, tt.kind)
			}
			if tt.kind == backends.Go {
				backend.Finalize()
			}
		})
	}
}

func TestOpenRefusesWhatItCannotOpen(t *testing.T) {
	dir := t.TempDir()
	broken := dir + "/pjrt_c_api_cpu_plugin.so"
	if err := os.WriteFile(broken, []byte("not a library"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, backend, plugins, want string }{
		{"unknown backend", "gpu9000", "", "gpu9000"},
		{"broken plugin by path", "xla:" + broken, "", broken},
		{"broken plugin in the user's folder", "", dir, broken},
		{"missing plugin", "xla:" + dir + "/no_cpu.so", "", "no_cpu.so"},
		{"unknown option", "go:bogus=1", "", "bogus"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("GOMLX_BACKEND", tt.backend)
			t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", tt.plugins)
			_, info, err := backends.Open()
			if err == nil {
				t.Fatalf("opened %+v", info)
			}
			if text := err.Error(); !strings.Contains(text, tt.want) || strings.Contains(text, "\n") {
				t.Errorf("error %q, want one line with %q", text, tt.want)
			}
		})
	}
}

// TestOpenFallsBackLoudly: without a plugin the Go backend computes, with a warning; with a damaged one nothing does.
func TestOpenFallsBackLoudly(t *testing.T) {
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "XDG_CACHE_HOME": "", "GOMLX_BACKEND": "", "PJRT_PLUGIN_LIBRARY_PATH": "", "LD_LIBRARY_PATH": "",
		"CUDA_VISIBLE_DEVICES": "-1",
	} {
		t.Setenv(name, value)
	}
	_, info, err := backends.Open()
	if err != nil {
		t.Fatal(err)
	}
	if info.Kind == backends.Go && !strings.Contains(info.Warning, "vsim setup") {
		t.Errorf("no plugin, and no word about it: %+v", info)
	}
	dir := home + "/.cache/vsim/pjrt-cpu-0.11.2"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/pjrt_c_api_cpu_plugin.so", []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	if path, ok := plugin.Installed(); ok {
		t.Errorf("%s: a torn plugin counts as installed", path)
	}
	// Another plugin, of which nothing is known, is in a folder where go-xla looks.
	if err := os.MkdirAll(home+"/.local/lib/go-xla", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", home+"/.local/lib/go-xla/pjrt_c_api_cpu_plugin.so"); err != nil {
		t.Fatal(err)
	}
	_, info, err = backends.Open()
	if err == nil || !strings.Contains(err.Error(), "damaged; `vsim setup` installs it anew") || strings.Contains(err.Error(), "\n") {
		t.Errorf("a damaged plugin: %+v, %v", info, err)
	}
}
