// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/filetest"
	"vsim/vsimlib/run"
)

// TestShards: two processes embed half each, and the merged file is that of one.
func TestShards(t *testing.T) {
	onCPU(t)
	dir := t.TempDir()
	whole, first, second, merged := filepath.Join(dir, "e"), filepath.Join(dir, "1"), filepath.Join(dir, "2"), filepath.Join(dir, "m")
	embed := []string{"embed", "--model", run.Dir(freshModel(t)).Model(), "--records",
		filepath.Join(emojiDir, "test_a", "test_a.tfrecords"), "--json"}
	near(t, "videos", vsim(t, append(embed, "--out", whole)...).ended(exitDone).object()["videos"], 322, 0)
	v := vsim(t, append(embed, "--shard", "1/2", "--out", first)...).ended(exitDone).has("videos", "videos_per_s", "shard")
	near(t, "videos of shard 1", v["videos"], 162, 0) // every second run of 32, the last one too
	merge := []string{"embed", "--merge", first, "--out", merged}
	vsim(t, merge...).failed(exitFailed, "shards of "+first, "2/2 is missing")
	v = vsim(t, append(embed, "--shard", "2/2", "--out", second)...).ended(exitDone).object()
	near(t, "videos of shard 2", v["videos"], 160, 0)
	vsim(t, append(merge, first)...).failed(exitFailed, first+": is shard 1/2")
	vsim(t, append(merge, whole)...).failed(exitFailed, whole+": is no shard")
	v = vsim(t, append(merge, second, "--json")...).ended(exitDone).has("videos", "dim", "shards")
	near(t, "videos", v["videos"], 322, 0)
	if hashOf(t, merged) != hashOf(t, whole) {
		t.Error("the merged file is not that of one run")
	}
	vsim(t, append(merge, second)...).ended(exitDone) // done before

	vsim(t, append(embed, "--shard", "1/2", "--out", first, "--format", "npy")...).ended(exitUsage)
	vsim(t, append(merge, second, "--format", "numpy")...).failed(exitUsage, "want npy or csv")
	exported := vsim(t, append(merge, second, "--format", "npy")...).ended(exitDone)
	if !strings.HasSuffix(exported.out, ", also "+merged+".npy and "+merged+".ids.npy\n") {
		t.Errorf("stdout %q", exported.out)
	}
	if got := len(filetest.Content(t, merged+".ids.npy")); got != 128+8*322 {
		t.Errorf("the file of 322 ids has %d bytes", got)
	}
	other := append(merge[:3:3], second, "--format", "csv", "--out") // the extension of --format names its file
	vsim(t, append(other, filepath.Join(dir, "x.npy"))...).failed(exitUsage, "x.npy", "the format is csv")
	vsim(t, append(other, filepath.Join(dir, "x.csv"))...).ended(exitDone)
	if hashOf(t, filepath.Join(dir, "x.safetensors")) != hashOf(t, whole) ||
		!strings.HasPrefix(filetest.Content(t, filepath.Join(dir, "x.csv")), "id,e0,") {
		t.Error("--out x.csv --format csv: want x.csv and x.safetensors")
	}
	plain := vsim(t, append(merge[:3:3], second, "--out", filepath.Join(dir, "y.csv"))...).ended(exitDone)
	want := "warning: embed: --out " + filepath.Join(dir, "y.csv") + " is written as safetensors"
	if !strings.Contains(plain.stderr, want) {
		t.Errorf("stderr %q, want %q", plain.stderr, want)
	}
	filetest.Write(t, whole+".csv", "a,b\n")
	vsim(t, append(embed, "--out", whole, "--format", "csv", "--force")...).ended(exitFailed)

	embed = embed[:len(embed)-1] // without --json
	vsim(t, append(embed, "--dtype", "float16", "--out", whole)...).failed(exitUsage, "float16", "neither float32 nor bfloat16")
	vsim(t, append(embed, "--dtype", "bfloat16", "--out", whole)...).failed(exitFailed, whole, "with dtype float32, not bfloat16")
	half := filepath.Join(dir, "half")
	vsim(t, append(embed, "--dtype", "bfloat16", "--shard", "2/2", "--out", half)...).ended(exitDone)
	vsim(t, append(merge, half, "--force")...).failed(exitFailed, half+": is of another dtype (bfloat16, not float32)")
}

// TestShardsAsInputs: a verb that takes a shard for a whole file says so, and no result is written over what it is made of.
func TestShardsAsInputs(t *testing.T) {
	dir := t.TempDir()
	job := embeddings.Job{Model: "m", Records: "r", Batch: 2, Of: 2, Videos: 4}
	var files []string
	for i := range 2 {
		s := embeddings.Shard{Job: job, Index: i + 1, Places: []int64{int64(2 * i), int64(2*i + 1)}}
		s.Set = embeddings.Set{IDs: []int64{int64(2*i + 5), int64(2*i + 6)}, Dim: 2, Data: []float32{1, 0, 0, 1}}
		files = append(files, filepath.Join(dir, strconv.Itoa(i)))
		if err := s.Write(files[i]); err != nil {
			t.Fatal(err)
		}
	}
	before := hashOf(t, files[0])
	for _, force := range [][]string{nil, {"--force"}} {
		for _, args := range [][]string{append([]string{"embed", "--merge"}, files...), append([]string{"ensemble"}, files[0])} {
			args = append(append(args, "--out", files[0]), force...)
			here(t, args...).failed(exitFailed, "--out "+files[0]+": is "+files[0]+", which the result is made of")
		}
	}
	if hashOf(t, files[0]) != before {
		t.Error("an input is another file")
	}
	whole, warning := filepath.Join(dir, "whole"), files[1]+": is shard 2/2 of an embedding and has a part of its videos"
	here(t, append([]string{"embed", "--out", whole, "--merge"}, files...)...).ended(exitDone)
	for _, args := range [][]string{{"neighbours", "--all", "--embeddings"}, {"ensemble", "--out", filepath.Join(dir, "joined")}} {
		if o := here(t, append(args, files[1])...).ended(exitDone); !strings.Contains(o.stderr, warning) {
			t.Errorf("%s: stderr %q", o.line, o.stderr)
		}
	}
	other := filepath.Join(dir, "other")
	if err := (&embeddings.Set{IDs: []int64{5}, Dim: 1, Data: []float32{1}}).Write(other); err != nil {
		t.Fatal(err)
	}
	here(t, "ensemble", "--out", filepath.Join(dir, "j"), whole, other).failed(exitFailed, "model 2 of 2: id 6", "(embeddings "+other)
	records := filepath.Join(emojiDir, "test_a", "test_a.tfrecords")
	here(t, "submit", "--embeddings", whole, "--records", records, "--out", filepath.Join(dir, "r.zip")).failed(exitFailed,
		"322 of 322 videos have no embedding", "(embeddings "+whole)
	if o := here(t, "neighbours", "--all", "--embeddings", whole).ended(exitDone); o.stderr != "" {
		t.Errorf("of all rows: stderr %q", o.stderr)
	}
}
