// SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGPUCompilerPins: the compiler's wheels are those of the CUDA image, by version and checksum.
func TestGPUCompilerPins(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docker", "cuda.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range gpuCompiler {
		w := part.wheel
		_, pins, found := strings.Cut(string(data), "\n"+w.Name+"=="+w.Version+" ")
		pins, _, _ = strings.Cut(pins, "==") // those of the next package follow its name
		if !found || !strings.Contains(pins, "sha256:"+w.SHA256) {
			t.Errorf("%s %s with sha256 %s is not in docker/cuda.txt", w.Name, w.Version, w.SHA256)
		}
		for _, f := range w.Files {
			if len(f.SHA256) != 64 || f.Size <= 0 {
				t.Errorf("%s: a checksum of %d digits, %d bytes", f.Path, len(f.SHA256), f.Size)
			}
		}
	}
	if !strings.HasSuffix(gpuFolder, "-"+gpuCompiler[0].wheel.Version) {
		t.Errorf("folder %s does not carry the version %s, so a new pin would not be seen", gpuFolder, gpuCompiler[0].wheel.Version)
	}
}

// TestGPUCompilerMissing: an empty cache has none.
func TestGPUCompilerMissing(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if dir, ok := GPUCompiler(); ok || dir != "" {
		t.Errorf("found %q", dir)
	}
}
