// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDirectoryForFile: a run or a model where embeddings are due is named, with the command that makes embeddings.
func TestDirectoryForFile(t *testing.T) {
	for name, want := range map[string]string{
		"identity.json":     "is a run, no embeddings file; vsim embed --model ",
		"model.safetensors": "is a model, no embeddings file; vsim embed --model ",
		"other":             "is a directory",
	} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), dir+": "+want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if _, err := ReadShard(dir); err == nil || !strings.Contains(err.Error(), dir+": "+want) {
			t.Errorf("%s, as a shard: %v, want %q", name, err, want)
		}
	}
}
