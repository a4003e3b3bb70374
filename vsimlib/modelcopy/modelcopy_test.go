// SPDX-License-Identifier: Apache-2.0

package modelcopy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
)

// saved is a small model as the stages save it, in a folder.
func saved(t *testing.T, seed int64) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "model")
	r, _ := recipe.Preset("tiny")
	vocab := filetest.Write(t, filepath.Join(t.TempDir(), "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n")
	if err := r.Resolve(recipe.Sizes{VocabSize: 7, FrameDim: 4, NumTags: 3}); err != nil {
		t.Fatal(err)
	}
	store, err := multimodal.NewStore(r.Model, seed)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := multimodal.Weights(r.Model, store)
	if err != nil {
		t.Fatal(err)
	}
	if err := multimodal.Save(dir, r.Model, weights, vocab); err != nil {
		t.Fatal(err)
	}
	filetest.Write(t, filepath.Join(dir, run.CardFile), "# card\n")
	return dir
}

// TestCopy has the bytes of the source, is listed by a manifest, and is done before where it is made again.
func TestCopy(t *testing.T) {
	from, out := saved(t, 1), filepath.Join(t.TempDir(), "a", "copy")
	r, err := Copy(from, out, false)
	if err != nil || len(r.Notes) > 0 || r.Before {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, name := range run.ModelFiles {
		if filetest.Content(t, filepath.Join(from, name)) != filetest.Content(t, filepath.Join(out, name)) {
			t.Errorf("%s differs", name)
		}
	}
	if err := manifest.Hold(out); err != nil {
		t.Error(err)
	}
	again, err := Copy(from, out, false)
	if err != nil || !again.Before || !slices.Equal(again.Files, r.Files) {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := Copy(saved(t, 2), out, false); err == nil || !strings.Contains(err.Error(), "--force overwrites it") {
		t.Errorf("another model: %v", err)
	}
	if r, err := Copy(saved(t, 2), out, true); err != nil || r.Before {
		t.Errorf("with force: %+v, %v", r, err)
	}
	if _, err := Copy(out, filepath.Join(t.TempDir(), "copy"), false); err != nil {
		t.Errorf("a copy of a copy: %v", err)
	}
}

// TestCopyRefuses what is damaged, and targets that are not its own.
func TestCopyRefuses(t *testing.T) {
	from := saved(t, 1)
	if _, err := Copy(from, from, true); err == nil || !strings.Contains(err.Error(), "both the source and the target") {
		t.Errorf("onto itself: %v", err)
	}
	mine := t.TempDir()
	filetest.Write(t, filepath.Join(mine, "notes.txt"), "x")
	if _, err := Copy(from, mine, true); err == nil || !strings.Contains(err.Error(), "notes.txt") {
		t.Errorf("over a user's folder: %v", err)
	}
	out := filepath.Join(t.TempDir(), "copy")
	for name, want := range map[string]string{run.VocabFile: "is not the vocabulary", run.WeightsFile: "were altered"} {
		dir := saved(t, 1)
		path := filepath.Join(dir, name)
		data := []byte(filetest.Content(t, path))
		data[len(data)-2] ^= 1
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Copy(dir, out, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("damaged %s: %v, want %q", name, err, want)
		}
	}
	if _, err := os.Lstat(out); err == nil {
		t.Error("a refused copy left something")
	}
}

// TestCopyOlder: a model without the files of newer versions is copied, with a note.
func TestCopyOlder(t *testing.T) {
	from := saved(t, 1)
	if err := os.Remove(filepath.Join(from, run.TokenizerConfigFile)); err != nil {
		t.Fatal(err)
	}
	r, err := Copy(from, filepath.Join(t.TempDir(), "copy"), false)
	if err != nil || len(r.Notes) != 1 || len(r.Files) != len(run.ModelFiles)-1 {
		t.Errorf("%+v, %v", r, err)
	}
}
