// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestForeignOut: no verb overwrites a file that is none of its own, with --force or without, and says what the file is. An empty
// file it overwrites if asked to.
func TestForeignOut(t *testing.T) {
	dir := t.TempDir()
	records := filepath.Join(emojiDir, "test_b", "test_b.tfrecords")
	ids := recordIDs(t, records)
	set := writeSet(t, filepath.Join(dir, "e.safetensors"), ids, 1, onesOf(len(ids))...)
	const text = "# A user's own text, longer than a header.\n"
	page := writeText(t, filepath.Join(dir, "README.md"), text)
	sweep := filepath.Join(dir, "sweep")
	if err := os.Mkdir(sweep, 0o777); err != nil {
		t.Fatal(err)
	}
	table := writeText(t, filepath.Join(sweep, "sweep.md"), text)
	for _, c := range []struct {
		line []string
		file string
		want string
	}{
		{[]string{"embed", "--model", "none", "--records", "none", "--out", page}, page, "embeddings file"},
		{[]string{"embed", "--merge", "none", "--out", page}, page, "embeddings file"},
		{[]string{"ensemble", set, "--out", page}, page, "embeddings file"},
		{[]string{"submit", "--embeddings", set, "--records", records, "--out", page}, page, "submission"},
		{[]string{"submit", "--embeddings", set, "--records", records, "--out", set}, set, "submission"},
		{[]string{"bench", "--recipe", "tiny", "--sweep", "--out", sweep}, table, "table of a sweep"},
	} {
		before := hashOf(t, c.file)
		want := []string{c.line[0] + ": " + c.file + ": is ", "no " + c.want + " of vsim; use another path"}
		if o := vsim(t, c.line...).failed(exitFailed, want...); strings.Contains(o.stderr, "--force") {
			t.Errorf("%v offers --force: %s", c.line, o.stderr)
		}
		vsim(t, append(c.line, "--force")...).failed(exitFailed, want...)
		if hashOf(t, c.file) != before {
			t.Fatalf("%v: %s was overwritten", c.line, c.file)
		}
	}
	empty := writeText(t, filepath.Join(dir, "empty"), "")
	vsim(t, "ensemble", set, "--out", empty).failed(exitFailed, "is an empty file", "--force overwrites it")
	vsim(t, "ensemble", set, "--out", empty, "--force").ended(exitDone)
	empty = writeText(t, filepath.Join(dir, "empty.zip"), "")
	submit := []string{"submit", "--embeddings", set, "--records", records, "--out", empty}
	vsim(t, submit...).failed(exitFailed, "is an empty file", "--force overwrites it")
	vsim(t, append(submit, "--force")...).ended(exitDone)
}

// TestForeignIn: an input of another kind is refused in one line that says what it is.
func TestForeignIn(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := freshModel(t)
	folder := filepath.Join(emojiDir, "test_a")
	labels, weights := filepath.Join(folder, "label.tsv"), filepath.Join(dir, "model", "model.safetensors")
	page := writeText(t, filepath.Join(t.TempDir(), "README.md"), "# Title\n")
	out := filepath.Join(t.TempDir(), "out")
	for _, c := range []struct {
		line []string
		want string
	}{
		{[]string{"embed", "--model", dir, "--records", folder, "--out", out}, "is a directory; give the record files in it: " + folder},
		{[]string{"embed", "--model", dir, "--records", labels, "--out", out}, "(it looks like text, no TFRecord file)"},
		{[]string{"embed", "--model", weights, "--records", labels, "--out", out}, "give the directory of the model, "},
		{[]string{"eval", "--embeddings", dir, "--labels", labels}, dir + ": is a run, no embeddings file"},
		{[]string{"eval", "--embeddings", labels, "--labels", labels}, labels + ": is text, no safetensors file"},
		{[]string{"pretrain", "--recipe", page, "--corpus", emojiDir, "--out", out}, page + ": is text, no JSON"},
	} {
		vsim(t, c.line...).failed(exitFailed, c.want)
	}
}

func onesOf(n int) []float32 {
	list := make([]float32, n)
	for i := range list {
		list[i] = 1
	}
	return list
}
