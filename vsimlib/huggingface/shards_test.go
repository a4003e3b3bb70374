// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

// sharded copies maskedLM with its tensors in two shards, every other tensor in each, and changes the index.
func sharded(t *testing.T, change func(weightMap map[string]string)) string {
	t.Helper()
	dir := edited(t, run.WeightsFile, nil)
	x := openFixture(t, filepath.Join(maskedLM, run.WeightsFile))
	shards := map[string][]safetensors.Tensor{}
	weightMap := map[string]string{}
	names := []string{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}
	i := 0
	for name, tensor := range x.tensors {
		shard := names[i%2]
		shards[shard], weightMap[name] = append(shards[shard], tensor), shard
		i++
	}
	for shard, list := range shards {
		var b bytes.Buffer
		if err := safetensors.Write(&b, list, nil); err != nil {
			t.Fatal(err)
		}
		put(t, dir, shard, b.Bytes())
	}
	if change != nil {
		change(weightMap)
	}
	index, err := json.Marshal(map[string]any{"metadata": map[string]any{"total_size": 1}, "weight_map": weightMap})
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, indexFile, index)
	return dir
}

func put(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestImportShards: shards are the same model as one file.
func TestImportShards(t *testing.T) {
	want, _ := importTo(t, maskedLM)
	got, report := importTo(t, sharded(t, nil))
	if !bytes.Equal(readFile(t, got, run.WeightsFile), readFile(t, want, run.WeightsFile)) {
		t.Error("the weights differ")
	}
	if len(report.Taken) != 42 {
		t.Errorf("%d taken", len(report.Taken))
	}
}

// TestImportShardsRefused names the index and what is wrong with it.
func TestImportShardsRefused(t *testing.T) {
	outside := sharded(t, nil)
	for name, k := range map[string]struct {
		dir  string
		want []string
	}{
		"a missing shard": {func() string {
			dir := sharded(t, nil)
			if err := os.Remove(filepath.Join(dir, "model-00002-of-00002.safetensors")); err != nil {
				t.Fatal(err)
			}
			return dir
		}(), []string{indexFile + ": its shard model-00002-of-00002.safetensors is missing"}},
		"no map": {func() string { dir := sharded(t, nil); put(t, dir, indexFile, []byte("{}")); return dir }(),
			[]string{"has no weight_map"}},
		"another shard": {sharded(t, func(m map[string]string) {
			for name, shard := range m {
				m[name] = "model-0000" + map[byte]string{'1': "2", '2': "1"}[shard[10]] + "-of-00002.safetensors"
				break
			}
		}), []string{indexFile, "is not in model-0000"}},
		"a path": {sharded(t, func(m map[string]string) { m["x"] = filepath.Join(outside, "model-00001-of-00002.safetensors") }),
			[]string{"is not the name of a shard"}},
		"a parent": {sharded(t, func(m map[string]string) { m["x"] = "../x.safetensors" }),
			[]string{`"../x.safetensors" is not the name of a shard`}},
		"a pickle": {sharded(t, func(m map[string]string) { m["x"] = "x.bin" }), []string{`"x.bin" is not the name of a shard`}},
		"duplicate": {func() string {
			dir := sharded(t, func(m map[string]string) { m["bert.embeddings.LayerNorm.bias"] = "model-00003.safetensors" })
			var b bytes.Buffer
			x := openFixture(t, filepath.Join(maskedLM, run.WeightsFile))
			if err := safetensors.Write(&b, []safetensors.Tensor{x.tensors["bert.embeddings.LayerNorm.bias"]}, nil); err != nil {
				t.Fatal(err)
			}
			put(t, dir, "model-00003.safetensors", b.Bytes())
			return dir
		}(), []string{"tensor bert.embeddings.LayerNorm.bias is in ", " too"}},
	} {
		_, err := Import(k.dir, filepath.Join(t.TempDir(), "model"), nil, 1, false)
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range k.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
}
