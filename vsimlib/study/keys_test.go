// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestStoredKeys: a key names what is trained already, so it stays what it was. Raise version where results change, and store new
// keys: of these studies, of one seed, a line a task with study, scale, kind, label and key.
func TestStoredKeys(t *testing.T) {
	emoji := filepath.Join("..", "..", "data", "emoji")
	got := ""
	for _, c := range []struct{ name, scale, corpus string }{
		{Tasks, Tiny, Controlled}, {Labels, Demo, emoji}, {Ensembles, Tiny, emoji}, {Others, Demo, Controlled},
		{"pooling", Paper, Controlled},
	} {
		s, err := New(c.name, Options{Scale: c.scale, Corpus: c.corpus, Runs: "runs", Seeds: []int64{1}})
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range plan(t, s).Tasks {
			got += fmt.Sprintf("%s\t%s\t%s\t%s\t%s\n", c.name, c.scale, task.Kind, task.Label, task.Key)
		}
	}
	want, err := os.ReadFile(filepath.Join("testdata", "keys.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("keys\n%s, want\n%s", got, want)
	}
}
