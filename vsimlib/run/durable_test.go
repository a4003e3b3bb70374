// SPDX-License-Identifier: Apache-2.0

package run

import (
	"path/filepath"
	"testing"

	"vsim/vsimlib/atomicfile/atomicfiletest"
)

// TestMetricsLast: after Sync all lines and the name of a new file are on the disk.
func TestMetricsLast(t *testing.T) {
	disk := atomicfiletest.Watch(t)
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	for from := range 2 {
		m, err := OpenMetrics(path, from)
		if err != nil {
			t.Fatal(err)
		}
		for step := range 3 {
			if err := m.Append(map[string]any{"step": from + step + 1, "loss": 1}); err != nil {
				t.Fatal(err)
			}
		}
		if len(disk.Lost(path)) == 0 {
			t.Error("lines are on the disk before Sync: this test sees nothing")
		}
		if err := m.Sync(); err != nil {
			t.Fatal(err)
		}
		if lost := disk.Lost(path); len(lost) > 0 {
			t.Errorf("a power cut takes %q", lost)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
