// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"testing"

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
	near(t, "videos of shard 1", v["videos"], 192, 0) // batches 1, 3 and 5 of 64
	merge := []string{"embed", "--merge", first, "--out", merged}
	vsim(t, merge...).failed(exitFailed, "shards of "+first, "2/2 is missing")
	v = vsim(t, append(embed, "--shard", "2/2", "--out", second)...).ended(exitDone).object()
	near(t, "videos of shard 2", v["videos"], 130, 0)
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
	vsim(t, append(merge, second, "--format", "npy")...).ended(exitDone)
	if got := len(filetest.Content(t, merged+".ids.npy")); got != 128+8*322 {
		t.Errorf("the file of 322 ids has %d bytes", got)
	}
	filetest.Write(t, whole+".csv", "a,b\n")
	vsim(t, append(embed, "--out", whole, "--format", "csv", "--force")...).ended(exitFailed)
}
