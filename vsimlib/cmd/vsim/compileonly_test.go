// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"testing"

	"vsim/vsimlib/compilecache/ondisk"
)

// TestCompileOnly: what bench --compile-only has compiled, a later bench under the same settings loads and compiles nothing.
func TestCompileOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a step")
	}
	onCPU(t)
	programs := t.TempDir()
	t.Setenv(ondisk.Env, programs)
	args := []string{"bench", "--recipe", "tiny", "--batch", "4", "--steps", "2", "--lengths", "competition", "--json"}
	compiled := vsim(t, append(args, "--compile-only")...).ended(exitDone).has("compile_s", "programs", "memory_estimate_bytes",
		"memory_compiler_bytes", "shape", "device")
	if _, timed := compiled["videos_per_s"]; timed || compiled["programs"] != 1. {
		t.Errorf("%v", compiled)
	}
	before := snapshot(t, programs)
	if files, _ := filepath.Glob(filepath.Join(programs, "*.program")); len(files) == 0 {
		t.Fatal("no compiled program is in the folder")
	}
	timed := vsim(t, args...).ended(exitDone).has("videos_per_s")
	for path := range snapshot(t, programs) {
		if _, known := before[path]; !known {
			t.Errorf("the timed bench wrote %s", path)
		}
	}
	if a, b := compiled["compile_s"].(float64), timed["compile_s"].(float64); b > a/2 {
		t.Errorf("compiled in %g s, and then loaded in %g", a, b)
	}
}
