// SPDX-License-Identifier: Apache-2.0

package runid

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

func tiny(t *testing.T) recipe.Recipe {
	t.Helper()
	r, ok := recipe.Preset("tiny")
	if !ok {
		t.Fatal("no preset tiny")
	}
	return r
}

// started is the directory of a run that has made a step.
func started(t *testing.T, id Identity) run.Dir {
	t.Helper()
	dir := run.Dir(t.TempDir())
	if err := Claim(dir, id, tiny(t), ""); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir.Metrics(), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestClaim continues a run of the same identity and recipe, and names the difference of any other.
func TestClaim(t *testing.T) {
	was := Identity{Stage: "finetune", Corpus: "c", Vocab: "v", Init: "i"}
	dir := started(t, was)
	for _, c := range []struct {
		now  Identity
		want string
	}{
		{was, ""},
		{Identity{"pretrain", "c", "v", "i"}, "was started as a run of finetune"},
		{Identity{"finetune", "d", "v", "i"}, "on a corpus of other contents"},
		{Identity{"finetune", "c", "w", "i"}, "with another vocabulary"},
		{Identity{"finetune", "c", "v", ""}, "from other weights"},
	} {
		err := Claim(dir, c.now, tiny(t), "")
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.now, err, c.want)
		}
	}
	other := tiny(t)
	other.Pretrain.Seed++
	if err := Claim(dir, Identity{Stage: "pretrain"}, other, ""); err == nil ||
		!strings.Contains(err.Error(), "as a run of finetune") {
		t.Errorf("another stage and another recipe: %v", err)
	}
	if err := Claim(dir, was, other, ""); err == nil || !strings.Contains(err.Error(), "another recipe (pretrain.seed") {
		t.Errorf("another recipe: %v", err)
	}
}

// TestClaimBeforeFirstStep enters another run where the earlier one failed before its first step.
func TestClaimBeforeFirstStep(t *testing.T) {
	dir := run.Dir(t.TempDir())
	for _, stage := range []string{"pretrain", "finetune"} {
		if err := Claim(dir, Identity{Stage: stage}, tiny(t), ""); err != nil {
			t.Fatal(err)
		}
	}
	var id Identity
	if err := jsonfile.Read(dir.Identity(), &id); err != nil || id.Stage != "finetune" {
		t.Errorf("%+v, %v", id, err)
	}
}

func TestFinished(t *testing.T) {
	dir := run.Dir(t.TempDir())
	var result struct{ Steps int }
	if done, err := Finished(dir, &result); done || err != nil {
		t.Errorf("a run without a result: %t, %v", done, err)
	}
	if err := jsonfile.Write(dir.Result(), map[string]int{"steps": 7}); err != nil {
		t.Fatal(err)
	}
	if done, err := Finished(dir, &result); !done || err != nil || result.Steps != 7 {
		t.Errorf("%+v, %t, %v", result, done, err)
	}
}

// TestCheck refuses directories that are not a run's, and one that has the model to start from, however its path is written.
func TestCheck(t *testing.T) {
	dir := started(t, Identity{Stage: "pretrain"})
	model := dir.Model()
	if err := os.MkdirAll(model, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(model, link); err != nil {
		t.Fatal(err)
	}
	fails := func(want, stage string, dir run.Dir, init string, force bool) {
		t.Helper()
		if err := Check(stage, dir, init, force); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s in %s from %q, force %t: %v, want %q", stage, dir, init, force, err, want)
		}
	}
	for _, init := range []string{model, link} {
		fails("is in "+string(dir), "finetune", dir, init, true)
		fails("is in "+string(dir), "pretrain", dir, init, false)
		fails("was started as a run of pretrain", "finetune", dir, init, false)
	}
	if err := Check("finetune", run.Dir(filepath.Join(t.TempDir(), "none")), model, false); err != nil {
		t.Errorf("absent: %v", err)
	}
	if err := Check("pretrain", dir, "", false); err != nil {
		t.Errorf("the same run: %v", err)
	}
	fails("has model and is no run of vsim", "pretrain", run.Dir(filepath.Dir(notARun(t))), "", true)
	own := started(t, Identity{Stage: "finetune"})
	users := filepath.Join(t.TempDir(), "bge")
	if err := os.Mkdir(users, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(users, own.Model()); err != nil {
		t.Fatal(err)
	}
	fails("is in "+string(own), "finetune", own, users, false)
}

// notARun is a folder named model in a directory that is not a run's.
func notARun(t *testing.T) string {
	t.Helper()
	model := filepath.Join(t.TempDir(), "model")
	if err := os.Mkdir(model, 0o755); err != nil {
		t.Fatal(err)
	}
	return model
}

// TestClaimOfOlderVersion continues a run whose identity has the hash of all of the initial weights' file.
func TestClaimOfOlderVersion(t *testing.T) {
	init := t.TempDir()
	path := filepath.Join(init, run.WeightsFile)
	var b bytes.Buffer
	if err := safetensors.Write(&b, []safetensors.Tensor{safetensors.FromFloat32("w", []int{1}, []float32{3})}, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	vocab := filepath.Join(init, run.VocabFile)
	if err := os.WriteFile(vocab, []byte("a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	now, err := Of("finetune", "c", vocab, init)
	if err != nil {
		t.Fatal(err)
	}
	was := now
	if was.Init, err = run.FileHash(path); err != nil || was == now {
		t.Fatalf("%+v, %v", was, err)
	}
	dir := started(t, was)
	if err := Claim(dir, now, tiny(t), init); err != nil {
		t.Error(err)
	}
	now.Corpus = "d"
	if err := Claim(dir, now, tiny(t), init); err == nil || !strings.Contains(err.Error(), "on a corpus of other contents") {
		t.Error(err)
	}
}
