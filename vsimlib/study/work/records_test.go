// SPDX-License-Identifier: Apache-2.0

package work

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/study/task"
)

// TestRecords: an embedding is of all record files of its part, whatever their names.
func TestRecords(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for _, name := range []string{"a.tfrecord", "b.tfrecords-00000-of-00001.gz", "notes.txt"} {
		path := filepath.Join(dir, "test_a", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		if name != "notes.txt" {
			want = append(want, path)
		}
	}
	if got, err := records(&task.EmbedWork{Corpus: dir, Part: "test_a"}); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	if _, err := records(&task.EmbedWork{Corpus: dir, Part: "test_b"}); err == nil || !strings.Contains(err.Error(),
		`"test_b" has no record files`) {
		t.Errorf("error %v", err)
	}
}
