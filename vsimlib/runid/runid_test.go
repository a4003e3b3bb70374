// SPDX-License-Identifier: Apache-2.0

package runid

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/manifest"
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

// claim enters a run in a directory, or compares it with the one there.
func claim(dir run.Dir, id Identity, r recipe.Recipe, init string) error {
	s, err := NewStart(id, r, init)
	if err != nil {
		return err
	}
	p, err := Compare(dir, s, r)
	if err != nil || !p.New {
		return err
	}
	return Enter(dir, s, r)
}

// started is the directory of a run that has made a step.
func started(t *testing.T, id Identity) run.Dir {
	t.Helper()
	dir := run.Dir(t.TempDir())
	if err := claim(dir, id, tiny(t), ""); err != nil {
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
		{Identity{"pretrain", "c", "v", "i", ""}, "was started as a run of finetune"},
		{Identity{"finetune", "d", "v", "i", ""}, "on a corpus of other contents"},
		{Identity{"finetune", "c", "w", "i", ""}, "with another vocabulary"},
		{Identity{"finetune", "c", "v", "", ""}, "from other weights"},
		{Identity{"finetune", "c", "v", "i", "t"}, "with another teacher"},
	} {
		err := claim(dir, c.now, tiny(t), "")
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.now, err, c.want)
		}
	}
	other := tiny(t)
	other.Pretrain.Seed++
	if err := claim(dir, Identity{Stage: "pretrain"}, other, ""); err == nil ||
		!strings.Contains(err.Error(), "as a run of finetune") {
		t.Errorf("another stage and another recipe: %v", err)
	}
	if err := claim(dir, was, other, ""); err != nil {
		t.Errorf("another recipe of the stage before: %v", err)
	}
	other.Finetune.Seed++
	if err := claim(dir, was, other, ""); err == nil || !strings.Contains(err.Error(), "another recipe (finetune.seed") {
		t.Errorf("another recipe: %v", err)
	}
}

// TestUnreadSettings may change on the way: they change no result. Those that the stage reads may not.
func TestUnreadSettings(t *testing.T) {
	for _, c := range []struct{ stage, set, want string }{
		{"pretrain", "finetune.epochs=7", ""},
		{"pretrain", "ensemble.dim=7", ""},
		{"pretrain", "pretrain.val_every=7", ""},
		{"pretrain", "pretrain.val_videos=7", ""},
		{"pretrain", "pretrain.checkpoint_every=7", ""},
		{"pretrain", "pretrain.checkpoint_keep=true", ""},
		{"pretrain", "pretrain.seed=7", "pretrain.seed was 1, is 7"},
		{"pretrain", "model.hidden_size=24", "model.hidden_size was "},
		{"finetune", "pretrain.seed=7", ""},
		{"finetune", "finetune.checkpoint_every=7", ""},
		{"finetune", "finetune.teacher=moved.safetensors", ""},
		{"finetune", "finetune.weight_teacher=0.5", "finetune.weight_teacher was 0, is 0.5"},
		{"finetune", "finetune.val_every=7", "finetune.val_every was "},
	} {
		id := Identity{Stage: c.stage, Corpus: "c", Vocab: "v"}
		dir, now := started(t, id), tiny(t)
		was, err := NewStart(id, now, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := now.Set(c.set); err != nil {
			t.Fatal(err)
		}
		if err := claim(dir, id, now, ""); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s: %v, want %q", c.stage, c.set, err, c.want)
		}
		is, err := NewStart(id, now, "")
		if err != nil {
			t.Fatal(err)
		}
		list, err := was.Differs(is)
		if text := Describe(list); err != nil || (text == "") != (c.want == "") || !strings.Contains(text, c.want) {
			t.Errorf("%s with %s: a checkpoint says %q, %v, want %q", c.stage, c.set, text, err, c.want)
		}
	}
}

// TestStartOfAnother names what a checkpoint of another run was started with.
func TestStartOfAnother(t *testing.T) {
	id := Identity{Stage: "finetune", Corpus: "c", Vocab: "v", Init: "i"}
	was, err := NewStart(id, tiny(t), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now  Identity
		want string
	}{
		{id, ""},
		{Identity{"pretrain", "c", "v", "i", ""}, "the stage was finetune, is pretrain"},
		{Identity{"finetune", "d", "w", "j", ""}, "the vocabulary is another, the corpus is another, the initial model is another"},
		{Identity{"finetune", "c", "v", "i", "t"}, "the teacher is another"},
	} {
		now, err := NewStart(c.now, tiny(t), "")
		if err != nil {
			t.Fatal(err)
		}
		if list, err := was.Differs(now); err != nil || Describe(list) != c.want {
			t.Errorf("%q, %v, want %q", list, err, c.want)
		}
	}
}

// TestLostStart: where identity.json or recipe.json are gone or no JSON, nothing is overwritten until a checkpoint has said what
// the run was started with; an identity that is there still counts.
func TestLostStart(t *testing.T) {
	id := Identity{Stage: "pretrain", Corpus: "c", Vocab: "v"}
	for _, damage := range []func(path string) error{os.Remove, func(path string) error { return os.Truncate(path, 9) }} {
		for _, lost := range []func(run.Dir) string{run.Dir.Identity, run.Dir.Recipe} {
			dir := started(t, id)
			if err := damage(lost(dir)); err != nil {
				t.Fatal(err)
			}
			s, err := NewStart(id, tiny(t), "")
			if err != nil {
				t.Fatal(err)
			}
			p, err := Compare(dir, s, tiny(t))
			if err != nil || p.New || len(p.Doubt) != 1 || !strings.Contains(p.Doubt[0].Error(), lost(dir)) {
				t.Errorf("%s: %+v, %v", lost(dir), p, err)
			}
		}
	}
	dir := started(t, id)
	if err := os.Remove(dir.Recipe()); err != nil {
		t.Fatal(err)
	}
	id.Corpus = "d"
	if err := claim(dir, id, tiny(t), ""); err == nil || !strings.Contains(err.Error(), "on a corpus of other contents") {
		t.Errorf("another corpus and a lost recipe: %v", err)
	}
}

// TestClaimBeforeFirstStep enters another run where the earlier one failed before its first step.
func TestClaimBeforeFirstStep(t *testing.T) {
	dir := run.Dir(t.TempDir())
	for _, stage := range []string{"pretrain", "finetune"} {
		if err := claim(dir, Identity{Stage: stage}, tiny(t), ""); err != nil {
			t.Fatal(err)
		}
	}
	var id Identity
	if err := jsonfile.Read(dir.Identity(), &id); err != nil || id.Stage != "finetune" {
		t.Errorf("%+v, %v", id, err)
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
	now, err := Of("finetune", "c", vocab, init, tiny(t))
	if err != nil {
		t.Fatal(err)
	}
	was := now
	file, err := manifest.Hash(path)
	if was.Init = file.SHA256; err != nil || was == now {
		t.Fatalf("%+v, %v", was, err)
	}
	dir := started(t, was)
	if err := claim(dir, now, tiny(t), init); err != nil {
		t.Error(err)
	}
	now.Corpus = "d"
	if err := claim(dir, now, tiny(t), init); err == nil || !strings.Contains(err.Error(), "on a corpus of other contents") {
		t.Error(err)
	}
}

// TestOtherBytes: a recipe with the same settings in other bytes is written again.
func TestOtherBytes(t *testing.T) {
	id := Identity{Stage: "finetune", Corpus: "c", Vocab: "v", Init: "i"}
	dir := started(t, id)
	s, err := NewStart(id, tiny(t), "")
	if err != nil {
		t.Fatal(err)
	}
	if p, err := Compare(dir, s, tiny(t)); err != nil || p.Stale {
		t.Errorf("as written: %+v, %v", p, err)
	}
	data, err := os.ReadFile(dir.Recipe())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir.Recipe(), bytes.TrimSpace(data), 0o666); err != nil {
		t.Fatal(err)
	}
	if p, err := Compare(dir, s, tiny(t)); err != nil || !p.Stale {
		t.Errorf("without the last line end: %+v, %v", p, err)
	}
}
