// SPDX-License-Identifier: Apache-2.0

package runid

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/run"
)

// TestModel takes a model directory, or that of a run, and says how far a run without one is.
func TestModel(t *testing.T) {
	dir := started(t, Identity{Stage: "pretrain"})
	put := func(path, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fails := func(path string, parts ...string) {
		t.Helper()
		_, err := Model(path)
		for _, part := range append(parts, path) {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%v, want %q", err, part)
			}
		}
	}
	fails(string(dir), "stopped before its first step", "goes on")
	put(dir.Metrics(), `{"step":15,"epoch":0.42,"loss":3}`+"\n")
	fails(string(dir), "stopped at step 15, epoch 0.4 of 1;")
	unlock, err := dir.Lock()
	if err != nil {
		t.Fatal(err)
	}
	fails(string(dir), "running at step 15")
	unlock()
	put(dir.Metrics(), `{"step":15}`+"\n")
	fails(string(dir), "stopped at step 15;")
	fails(filepath.Join(t.TempDir(), "none"), "no such directory")
	fails(t.TempDir(), "no model directory (it has no model.safetensors)")
	fails(dir.Metrics(), "is a file, no model directory")
	put(filepath.Join(dir.Model(), run.WeightsFile), "")
	fails(filepath.Join(dir.Model(), run.WeightsFile), "is a file; give the directory of the model, "+dir.Model())
	for _, path := range []string{string(dir), dir.Model()} {
		if got, err := Model(path); err != nil || got != dir.Model() {
			t.Errorf("%s: %s, %v", path, got, err)
		}
	}
}
