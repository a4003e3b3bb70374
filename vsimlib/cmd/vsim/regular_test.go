// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestIrregular: a pipe, a device, a socket or a directory where a file is due is refused at once, with one line that names it.
// To wait for one, or to read it to its end, would last until the deadline.
func TestIrregular(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := syscall.Mkfifo(at("pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	good := writeSet(t, at("e.safetensors"), []int64{1, 2, 3}, 1, 1, 2, 3)
	hf := filepath.Join("..", "..", "huggingface", "testdata", "tiny", "model")
	model, out := at("model"), at("out")
	vsim(t, "import", "--hf", hf, "--out", model, "--set", "model.frame_dim=16").ended(exitDone)
	records := filepath.Join(emojiDir, "test_a", "test_a.tfrecords")
	for what, irregular := range map[string]string{
		"a pipe": at("pipe"), "a device": "/dev/zero", "a socket": at("socket"), "a directory": dir,
	} {
		if testing.Short() && (what == "a device" || what == "a socket") {
			continue
		}
		// as a file of a corpus, or of a model
		corpus := func(name string) string {
			to := copyEmoji(t)
			replace(t, filepath.Join(to, name), irregular)
			return to
		}
		damaged := func(name string) string {
			to := filepath.Join(t.TempDir(), "model")
			if err := os.CopyFS(to, os.DirFS(model)); err != nil {
				t.Fatal(err)
			}
			for _, marker := range []string{"vsim.json", ".vsim.json"} { // a model of the user's own
				if err := os.Remove(filepath.Join(to, marker)); err != nil {
					t.Fatal(err)
				}
			}
			replace(t, filepath.Join(to, name), irregular)
			return to
		}
		train := []string{"pretrain", "--recipe", "tiny", "--set", "pretrain.epochs=0", "--out", at("run"), "--corpus"}
		for _, line := range [][]string{
			{"eval", "--embeddings", good, "--labels", irregular},
			{"eval", "--embeddings", irregular, "--labels", filepath.Join(emojiDir, "test_a", "label.tsv")},
			{"ensemble", "--out", out, good, irregular},
			{"submit", "--embeddings", good, "--out", out, "--records", irregular},
			{"embed", "--model", model, "--out", out, "--records", irregular},
			{"embed", "--merge", irregular, "--out", out},
			{"pretrain", "--recipe", irregular, "--corpus", emojiDir, "--out", out},
			append(train, corpus("tag_list.txt")), append(train, corpus("vocab.txt")),
			append(train, corpus(filepath.Join("pairwise", "pairwise.tfrecords"))),
			{"embed", "--out", out, "--records", records, "--model", damaged("config.json")},
			{"embed", "--out", out, "--records", records, "--model", damaged("vocab.txt")},
			{"embed", "--out", out, "--records", records, "--model", damaged("model.safetensors")},
			{"import", "--out", out, "--hf", damaged("config.json")},
			{"import", "--out", out, "--hf", damaged("vocab.txt")},
			{"import", "--out", out, "--hf", damaged("model.safetensors")},
			{"study", "--runs", out, "--recipe", irregular, "labels"},
		} {
			inTime(t, line...).failed(exitFailed, "is "+what)
		}
		for _, name := range []string{"tag_list.txt", "vocab.txt", "pairwise/pairwise.tfrecords", "pairwise/label.tsv"} {
			if o := inTime(t, "data", "check", corpus(name)); o.code != exitFailed {
				t.Errorf("data check, %s is %s: exit code %d", name, what, o.code)
			}
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("something was written")
	}
}

// replace puts a link to what is irregular where a file is.
func replace(t *testing.T, path, irregular string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(irregular, path); err != nil {
		t.Fatal(err)
	}
}

// inTime is vsim with a deadline that only a call that waits for ever reaches.
func inTime(t *testing.T, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	o := finish(t, exec.CommandContext(ctx, binary, args...))
	if ctx.Err() != nil {
		t.Fatalf("%v did not end", args)
	}
	return o
}

// TestUnwritable: an --out that cannot be written to is found before anything is read; the inputs here do not exist.
func TestUnwritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	writeText(t, file, "text")
	for _, out := range []string{filepath.Join(file, "below", "out"), "/proc/none/out"} {
		for _, line := range [][]string{
			{"pretrain", "--corpus", "none", "--recipe", "tiny"},
			{"finetune", "--corpus", "none", "--recipe", "tiny", "--init", "none"},
			{"embed", "--model", "none", "--records", "none"},
			{"embed", "--merge", "none"},
			{"ensemble", "none"},
			{"submit", "--embeddings", "none", "--records", "none"},
			{"import", "--hf", "none"},
			{"data", "synth", "--like", "controlled"},
			{"study", "labels"},
			{"bench", "--sweep"},
		} {
			here(t, append(line, "--out", out)...).failed(exitFailed, line[0], filepath.Dir(filepath.Dir(out)), "use another directory")
		}
		here(t, "study", "labels", "--out", t.TempDir(), "--runs", out).failed(exitFailed, "study", "use another directory")
	}
	for _, line := range [][]string{{"embed", "--merge", "none"}, {"ensemble", "none"}} {
		here(t, append(line, "--force", "--out", "/dev/null")...).failed(exitFailed, "/dev/null: is not a regular file")
	}
}

// TestDoneBefore: a verb that is run again on its own whole output ends well and writes nothing. Where an input or a setting is
// another, or the output is damaged, it is refused without --force, and made anew with it.
func TestDoneBefore(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	model := freshModel(t)
	a, b := filepath.Join(emojiDir, "test_a", "test_a.tfrecords"), filepath.Join(emojiDir, "test_b", "test_b.tfrecords")
	first := at("first.safetensors")
	embed := []string{"embed", "--model", model, "--records", a, "--out"}
	vsim(t, append(embed, first)...).ended(exitDone)
	second := at("second.safetensors")
	vsim(t, "embed", "--model", model, "--records", b, "--out", second).ended(exitDone)
	for _, c := range []struct {
		out         string
		line, other []string
		has         []string
		differs     string
	}{
		{at("e"), embed, []string{"embed", "--model", model, "--records", b, "--out"},
			[]string{"videos", "videos_per_s"}, "other records"},
		{at("7"), append([]string{"embed", "--batch", "7"}, embed[1:]...), embed, []string{"videos"}, "batch 7, not 32"},
		{at("1"), append([]string{"embed", "--shard", "1/1"}, embed[1:]...), embed,
			[]string{"videos", "shard"}, "shard 1/1"},
		{at("m"), []string{"embed", "--merge", at("1"), "--out"},
			[]string{"embed", "--model", model, "--records", b, "--out"}, []string{"videos", "shards"}, "other records"},
		{at("j"), []string{"ensemble", first, "--dim", "3", "--out"}, []string{"ensemble", second, "--dim", "3", "--out"},
			[]string{"models", "dim", "explained"}, "other embeddings"},
		{at("k"), []string{"ensemble", first, "--dim", "3", "--out"}, []string{"ensemble", first, "--dim", "4", "--out"},
			[]string{"models", "dim", "explained"}, "dim 3, not 4"},
		{at("r.zip"), []string{"submit", "--embeddings", first, "--records", a, "--out"},
			[]string{"submit", "--embeddings", second, "--records", b, "--out"}, []string{"videos", "dim"}, "another submission"},
	} {
		line := append(append([]string{}, c.line...), c.out)
		made := vsim(t, append(line, "--json")...).ended(exitDone).has(c.has...)
		before := hashOf(t, c.out)
		info, err := os.Stat(c.out)
		if err != nil {
			t.Fatal(err)
		}
		if o := vsim(t, line...).ended(exitDone); len(o.out) < 12 || o.out[:12] != "done before:" {
			t.Errorf("%v: %q", line, o.out)
		}
		again := vsim(t, append(line, "--json")...).ended(exitDone).has(c.has...)
		for key, value := range made {
			if key != "videos_per_s" && again[key] != value {
				t.Errorf("%v: %s was %v, is %v", line, key, value, again[key])
			}
		}
		if now, err := os.Stat(c.out); err != nil || !os.SameFile(now, info) || !now.ModTime().Equal(info.ModTime()) {
			t.Errorf("%v: written again, %v", line, err)
		}
		other := append(append([]string{}, c.other...), c.out)
		vsim(t, other...).failed(exitFailed, c.out, c.differs, "exists; --force overwrites it")
		if hashOf(t, c.out) != before {
			t.Errorf("%v: overwritten", other)
		}
		data, err := os.ReadFile(c.out)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)-40] ^= 1
		writeText(t, c.out, string(data))
		vsim(t, line...).failed(exitFailed, c.out, "exists; --force overwrites it")
		vsim(t, append(line, "--force")...).ended(exitDone)
		if hashOf(t, c.out) != before {
			t.Errorf("%v: --force makes another file", line)
		}
	}
	vsim(t, "runs", "verify", dir).ended(exitDone)
}
