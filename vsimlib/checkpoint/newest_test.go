// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestNewest passes over checkpoints of which a file has another size, and changes nothing.
func TestNewest(t *testing.T) {
	dir := t.TempDir()
	if _, _, ok := Newest(filepath.Join(dir, "none")); ok {
		t.Error("a checkpoint where there is no directory")
	}
	save(t, dir, 3, testState{Best: 0.5})
	save(t, dir, 7, testState{Best: 0.25})
	for _, c := range []struct {
		step int
		best float64
	}{{7, 0.25}, {3, 0.5}} {
		step, data, ok := Newest(dir)
		var state testState
		if err := json.Unmarshal(data, &state); !ok || err != nil || step != c.step || state.Best != c.best {
			t.Errorf("step %d, %s, %t, %v; want %+v", step, data, ok, err, c)
		}
		if err := os.Truncate(filepath.Join(dir, entryName(stepName, step), "weights.safetensors"), 9); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, ok := Newest(dir); ok {
		t.Error("a torn checkpoint is the newest")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
}
