// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/lowering"
	"vsim/vsimlib/study/task"
)

// TestStoredKeys: a key names what is trained already, so it stays what it was until what is computed changes. Then the number of
// the arithmetic is another one, and VSIM_STORE_KEYS=1 stores new keys: of these studies, of one seed, a line a task with study,
// scale, kind, label and key.
func TestStoredKeys(t *testing.T) {
	if _, err := lowering.New(backends.CPU); err != nil || runtime.GOARCH != "amd64" {
		t.Skip("the numbers are those of amd64, of builds with XLA")
	}
	emoji := filepath.Join("..", "..", "data", "emoji")
	got := ""
	for _, c := range []struct{ name, scale, corpus string }{
		{Tasks, Tiny, Controlled}, {Labels, Demo, emoji}, {Ensembles, Tiny, emoji}, {Others, Demo, Controlled},
		{"pooling", Paper, Controlled},
	} {
		s, err := New(c.name, Options{Scale: c.scale, Corpus: c.corpus, Runs: "runs", Seeds: []int64{1}, Backend: "cpu"})
		if err != nil {
			t.Fatal(err)
		}
		for _, planned := range plan(t, s).Tasks {
			got += fmt.Sprintf("%s\t%s\t%s\t%s\t%s\n", c.name, c.scale, planned.Kind, planned.Label, planned.Key)
		}
	}
	if os.Getenv("VSIM_STORE_KEYS") != "" {
		if err := os.WriteFile(filepath.Join("testdata", "keys.tsv"), []byte(got), 0o644); err != nil {
			t.Fatal(err)
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

// keysOf are the keys of a small study's tasks, by kind.
func keysOf(t *testing.T, backend string, set ...string) map[task.Kind]string {
	t.Helper()
	s, err := New(Labels, Options{Scale: Tiny, Corpus: Controlled, Runs: "runs", Seeds: []int64{1}, Backend: backend, Set: set})
	if err != nil {
		t.Fatal(err)
	}
	keys := map[task.Kind]string{}
	for _, planned := range plan(t, s).Tasks {
		keys[planned.Kind] = planned.Key
	}
	return keys
}

// TestKeysOfBackends: two backends share a generated corpus, and no task that trains or embeds.
func TestKeysOfBackends(t *testing.T) {
	a, b := keysOf(t, "cpu"), keysOf(t, "go")
	for kind, key := range a {
		if same := key == b[kind]; same != (kind == task.Corpus) {
			t.Errorf("%s: keys %s and %s", kind, key, b[kind])
		}
	}
	s, err := New(Labels, Options{Scale: Tiny, Corpus: Controlled, Runs: "runs"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Plan(); err == nil {
		t.Error("a study without a backend was planned")
	}
}

// TestKeysOfTeachers: a teacher's embeddings are part of the keys of finetuning and of what follows, the name of their file is not.
func TestKeysOfTeachers(t *testing.T) {
	keys := func(name string, value float32) map[task.Kind]string {
		path := filepath.Join(t.TempDir(), name)
		set := &embeddings.Set{IDs: []int64{1}, Dim: 2, Data: []float32{value, 1}}
		if err := set.Write(path); err != nil {
			t.Fatal(err)
		}
		return keysOf(t, "go", "finetune.teacher="+path, "finetune.weight_teacher=0.5")
	}
	was := keys("a.safetensors", 1)
	for kind, key := range keys("b.safetensors", 1) {
		if key != was[kind] {
			t.Errorf("%s: another file of the same embeddings has another key", kind)
		}
	}
	for kind, key := range keys("a.safetensors", 2) {
		if follows := kind == task.Finetune || kind == task.Embed; (key != was[kind]) != follows {
			t.Errorf("%s: the key with other embeddings: %v", kind, key)
		}
	}
	missing := filepath.Join(t.TempDir(), "none.safetensors")
	s, err := New(Labels, Options{Scale: Tiny, Corpus: Controlled, Runs: "runs", Seeds: []int64{1}, Backend: "go",
		Set: []string{"finetune.teacher=" + missing, "finetune.weight_teacher=1"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Plan()
	if err == nil || !strings.Contains(err.Error(), "finetune.teacher: ") || !strings.Contains(err.Error(), missing) {
		t.Errorf("error %v", err)
	}
}
