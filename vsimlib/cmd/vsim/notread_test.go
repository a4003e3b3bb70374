// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mixedCorpus is the shipped corpus's test_a as pointwise, compressed, beside files that are not read.
func mixedCorpus(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.Join(emojiDir, "test_a", "test_a.tfrecords"))
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(data); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"pointwise/a.tfrecords-00000-of-00002.gz": packed.Bytes(),
		"pointwise/b.TFRECORDS":                   data,
		"pointwise/more/c.tfrecords":              data,
		"pointwise/._a.tfrecords":                 []byte("\x00\x05\x16\x07"),
	}
	for _, name := range []string{"vocab.txt", "tag_list.txt"} {
		if files[name], err = os.ReadFile(filepath.Join(emojiDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestNotRead: data check and training name what they do not read, on stderr before anything else and in the result.
func TestNotRead(t *testing.T) {
	onCPU(t)
	dir := mixedCorpus(t)
	const names = "[pointwise/b.TFRECORDS pointwise/more/]"
	o := vsim(t, "data", "check", dir, "--json").ended(exitFailed)
	if got := fmt.Sprint(o.object()["not_read"]); got != names || !strings.Contains(o.out, "a.tfrecords-00001-of-00002.gz") {
		t.Errorf("not_read %s, want %s; %s", got, names, o.out)
	}
	o = vsim(t, "data", "check", dir)
	if !strings.Contains(o.out, "not read   pointwise/b.TFRECORDS\nnot read   pointwise/more/\n") {
		t.Errorf("data check: %s", o.out)
	}
	o = vsim(t, "pretrain", "--corpus", dir, "--recipe", "tiny", "--set", "pretrain.epochs=0", "--out", filepath.Join(t.TempDir(),
		"run"), "--json").ended(exitDone)
	if got := fmt.Sprint(o.has("steps", "losses", "videos_per_s", "model")["not_read"]); got != names {
		t.Errorf("pretrain: not_read %s, want %s", got, names)
	}
	first, rest, _ := strings.Cut(o.stderr, "\n")
	second, _, _ := strings.Cut(rest, "\n")
	if !strings.HasPrefix(first, "vsim: warning: "+dir+": not read") || !strings.HasSuffix(first,
		"pointwise/b.TFRECORDS, pointwise/more/") ||
		!strings.HasSuffix(second, "missing, as the names of the other shards say: pointwise/a.tfrecords-00001-of-00002.gz") {
		t.Errorf("pretrain's first lines: %s", o.stderr)
	}
	o = vsim(t, "pretrain", "--corpus", emojiDir, "--recipe", "tiny", "--set", "pretrain.epochs=0", "--out",
		filepath.Join(t.TempDir(), "run"), "--json").ended(exitDone)
	if list, is := o.object()["not_read"].([]any); !is || len(list) != 0 || strings.Contains(o.stderr, "not read") {
		t.Errorf("the shipped corpus: %s %s", o.out, o.stderr)
	}
}

// TestShardsGiven warns where files given by name are not all shards of their set.
func TestShardsGiven(t *testing.T) {
	onCPU(t)
	dir := mixedCorpus(t)
	model := filepath.Join(t.TempDir(), "run")
	vsim(t, "pretrain", "--corpus", emojiDir, "--recipe", "tiny", "--set", "pretrain.epochs=0", "--out", model).ended(exitDone)
	o := vsim(t, "embed", "--model", filepath.Join(model, "model"), "--records", filepath.Join(dir, "pointwise",
		"a.tfrecords-00000-of-00002.gz"),
		"--out", filepath.Join(t.TempDir(), "e.safetensors")).ended(exitDone)
	if !strings.Contains(o.stderr, "shards that are not among the files given: a.tfrecords-00001-of-00002.gz") {
		t.Errorf("stderr: %s", o.stderr)
	}
	if !strings.Contains(o.out, "322 videos") {
		t.Errorf("stdout: %s", o.out)
	}
}
