// SPDX-License-Identifier: Apache-2.0

// Package studytest has corpora and settings under which a study takes seconds, for tests.
package studytest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"vsim/vsimlib/filetest"
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
		filetest.Write(t, filepath.Join(dir, "test_a", to), filetest.Content(t, filepath.Join(dir, "pairwise", from)))
	}
	return dir
}

// HeldOutCorpus has no test part, so that the held-out pairs of pairwise are scored.
func HeldOutCorpus(t testing.TB) string {
	t.Helper()
	heldOut.Lock()
	defer heldOut.Unlock()
	if heldOut.files == nil {
		heldOut.files = generate(t)
	}
	dir := filepath.Join(t.TempDir(), "small")
	if err := os.CopyFS(dir, heldOut.files); err != nil {
		t.Fatal(err)
	}
	return dir
}

// heldOut has the files of HeldOutCorpus, once they were generated.
var heldOut struct {
	sync.Mutex
	files fstest.MapFS
}

// generate generates a corpus and returns the files that HeldOutCorpus has of it.
func generate(t testing.TB) fstest.MapFS {
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
	return filetest.Folder(t, dir)
}

// Smallest are settings under which a training takes a fraction of a second.
var Smallest = []string{
	"model.hidden_size=8", "model.intermediate_size=8", "model.embedding_dim=6", "model.max_frames=2", "model.max_text=6",
	"pretrain.batch=32", "pretrain.val_videos=0", "pretrain.checkpoint_every=1", "finetune.batch=64", "finetune.max_pairs=128",
	"finetune.checkpoint_every=1", "finetune.val_every=0", "finetune.select=last",
}
