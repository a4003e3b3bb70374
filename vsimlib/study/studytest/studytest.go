// SPDX-License-Identifier: Apache-2.0

// Package studytest has corpora and settings under which a study takes seconds, for tests.
package studytest

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	_ "vsim/vsimlib/heaptest"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/synth"
)

// OnGo computes on the pure Go backend, which compiles at once.
func OnGo(t *testing.T) {
	t.Helper()
	t.Setenv("GOMLX_BACKEND", "go")
}

// SmallCorpus is generated, with few videos; what is trained on is scored.
func SmallCorpus(t *testing.T) string {
	t.Helper()
	dir := HeldOutCorpus(t)
	for from, to := range map[string]string{"pairwise.tfrecords": "test_a.tfrecords", "label.tsv": "label.tsv"} {
		data, err := os.ReadFile(filepath.Join(dir, "pairwise", from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, "test_a"), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "test_a", to), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// HeldOutCorpus has no test part, so that the held-out pairs of pairwise are scored.
func HeldOutCorpus(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "small")
	heldOut.Lock()
	defer heldOut.Unlock()
	if heldOut.files == nil {
		heldOut.files = generate(t)
	}
	for name, data := range heldOut.files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// heldOut has the files of HeldOutCorpus by their paths in it, once they were generated.
var heldOut struct {
	sync.Mutex
	files map[string][]byte
}

// generate generates a corpus and returns the files that HeldOutCorpus has of it.
func generate(t testing.TB) map[string][]byte {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "generated")
	o := synth.Options{Out: dir, Like: synth.Controlled, Pointwise: 40, Pairs: 200, Seed: 7}
	if _, err := synth.Write(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"test_a", outdir.MarkerFile, outdir.DueFile} { // a corpus of the test's own
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			files[name], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Smallest are settings under which a training takes a fraction of a second.
var Smallest = []string{
	"model.hidden_size=8", "model.intermediate_size=8", "model.embedding_dim=6", "model.max_frames=2", "model.max_text=6",
	"pretrain.batch=32", "pretrain.val_videos=0", "pretrain.checkpoint_every=1", "finetune.batch=64", "finetune.max_pairs=128",
	"finetune.checkpoint_every=1", "finetune.val_every=0", "finetune.select=last",
}
