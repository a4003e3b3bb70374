// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/embeddings"
)

// The small set that the expected numbers below are of: scipy 1.16 spearmanr and rankdata, numpy.linalg.svd.
var smallIDs = []int64{11, 12, 13, 14, 15}

const (
	smallLabels    = "11\t12\t0.5\n11\t13\t0\n12\t14\t0.35\n14\t11\t0.8\n15\t11\t0.8\n11\t15\t1\n13\t15\t0\n12\t13\t0.65\n"
	smallSpearman  = 0.9695121951219513
	smallMSE       = 0.05279555153778204
	smallError     = 0.019863128743689326 // by numpy, over all pairs of pairs
	smallExplained = 0.8004684313394297   // of two models, weights 3 and 1, in 2 of 5 dimensions
)

func writeSet(t *testing.T, path string, ids []int64, dim int, data ...float32) string {
	t.Helper()
	if err := (&embeddings.Set{IDs: ids, Dim: dim, Data: data}).Write(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeText(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func near(t *testing.T, what string, got any, want, tol float64) {
	t.Helper()
	if v, ok := got.(float64); !ok || !(math.Abs(v-want) <= tol) {
		t.Errorf("%s is %v, want %g", what, got, want)
	}
}

func smallSets(t *testing.T, dir string) (first, second string) {
	first = writeSet(t, filepath.Join(dir, "a.safetensors"), smallIDs, 3, 1, 0, 2, 0, 1, 1, -1, 2, 0, 3, 1, 1, .5, -1, 2)
	// In another order: 13, 11, 15, 12, 14.
	second = writeSet(t, filepath.Join(dir, "b.safetensors"), []int64{13, 11, 15, 12, 14}, 2, 1, -1, 2, 1, -2, 1, 0, 1, 1, 1)
	return first, second
}

func TestEval(t *testing.T) {
	dir := t.TempDir()
	set, other := smallSets(t, dir)
	labels := writeText(t, filepath.Join(dir, "label.tsv"), smallLabels)
	o := vsim(t, "eval", "--embeddings", set, "--labels", labels, "--json").ended(exitDone)
	v := o.has("spearman", "mse", "pairs")
	near(t, "spearman", v["spearman"], smallSpearman, 1e-6)
	near(t, "mse", v["mse"], smallMSE, 1e-6)
	near(t, "pairs", v["pairs"], 8, 0)
	near(t, "spearman_error", v["spearman_error"], smallError, 1e-6)
	if o.stderr != "" {
		t.Errorf("stderr %q", o.stderr)
	}
	o = vsim(t, "eval", "--embeddings", set, "--labels", labels).ended(exitDone)
	if o.out != "Spearman 0.9695, MSE 0.0528 on 8 pairs of "+labels+"\n95% interval of Spearman, by these pairs: 0.9306 to 1.0000\n" {
		t.Errorf("stdout %q", o.out)
	}
	o = vsim(t, "eval", "--embeddings", set, "--against", other, "--labels", labels).ended(exitDone)
	if want := other + ": Spearman 0.1152, MSE 0.9062\ndifference in Spearman, on the same pairs: +0.8544, 95% interval +0.1006 to " +
		"+1.6081, p = 0.026\n"; !strings.HasSuffix(o.out, want) {
		t.Errorf("stdout %q, want %q", o.out, want)
	}
	compared := vsim(t, "eval", "--embeddings", set, "--against", other, "--labels", labels, "--json").ended(exitDone).has("against")
	near(t, "p", compared["against"].(map[string]any)["p"], 0.02630664512613, 1e-8)
	vsim(t, "eval", "--embeddings", set, "--against", labels, "--labels", labels).failed(exitFailed, "label.tsv")
	bad := func(text string) string { return writeText(t, filepath.Join(dir, "bad.tsv"), text) }
	eval := func(embeddings, labels string) outcome {
		return vsim(t, "eval", "--embeddings", embeddings, "--labels", labels)
	}
	eval(set, bad("11\t12\t0.5\n11\t99\t0.1\n")).failed(exitFailed, "id 99", "bad.tsv")
	eval(set, bad("11\t12\t0.5\n11\t13\t1.2\n")).failed(exitFailed, "bad.tsv:2", "outside [0,1]")
	eval(set, bad("11\t12\t0.5\n11\t13\n")).failed(exitFailed, "bad.tsv:2")
	eval(set, bad("11\t12\t0.5\n13\t14\t0.5\n")).failed(exitFailed, "constant")
	eval(set, bad("11\t11\t0.5\n12\t12\t0.1\n")).failed(exitFailed, "constant")
	eval(set, bad("")).failed(exitFailed, "bad.tsv", "no pairs")
	eval(set, filepath.Join(dir, "none.tsv")).failed(exitFailed, "none.tsv")
	eval(filepath.Join(dir, "none.safetensors"), labels).failed(exitFailed, "none.safetensors")
	eval(labels, labels).failed(exitFailed, "label.tsv")
	lying, err := os.ReadFile(set)
	if err != nil {
		t.Fatal(err)
	}
	lying[7] = 0x7f // a header of exabytes
	eval(writeText(t, filepath.Join(dir, "lying.safetensors"), string(lying)), labels).failed(exitFailed, "lying.safetensors",
		"header")
}

func TestEnsemble(t *testing.T) {
	dir := t.TempDir()
	first, second := smallSets(t, dir)
	out := filepath.Join(dir, "new", "joined.safetensors")
	v := vsim(t, "ensemble", "--out", out, "--dim", "2", "--weights", "3,1", first, second, "--json").ended(exitDone).has("models",
		"dim", "explained")
	near(t, "models", v["models"], 2, 0)
	near(t, "dim", v["dim"], 2, 0)
	near(t, "explained", v["explained"], smallExplained, 1e-6)
	joined, err := embeddings.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(joined.IDs, smallIDs) || joined.Dim != 2 {
		t.Errorf("ids %v, dim %d", joined.IDs, joined.Dim)
	}
	before := hashOf(t, out)
	vsim(t, "ensemble", "--out", out, first).failed(exitFailed, "exists; --force overwrites it")
	other := writeSet(t, filepath.Join(dir, "c.safetensors"), []int64{11, 12, 13, 14, 16}, 1, 1, 2, 3, 4, 5)
	vsim(t, "ensemble", "--out", out, "--force", first, other).failed(exitFailed, "ensemble", "id 1")
	vsim(t, "ensemble", "--out", out, "--force", first, filepath.Join(dir, "none")).failed(exitFailed, "none")
	if hashOf(t, out) != before {
		t.Error("a failure changed the output")
	}
	v = vsim(t, "ensemble", "--out", out, "--force", first, second, "--json").ended(exitDone).object()
	near(t, "dim above the width", v["dim"], 5, 0)
	if hashOf(t, out) == before {
		t.Error("--force did not overwrite")
	}
}

func TestSubmit(t *testing.T) {
	dir := t.TempDir()
	records := filepath.Join(emojiDir, "test_b", "test_b.tfrecords")
	ids := recordIDs(t, records)
	set := func(name string, ids []int64) string {
		data := make([]float32, 2*len(ids))
		for i := range data {
			data[i] = float32(i+1) / 3
		}
		return writeSet(t, filepath.Join(dir, name), ids, 2, data...)
	}
	whole := set("whole.safetensors", append([]int64{1}, ids...))
	out := filepath.Join(dir, "result.zip")
	v := vsim(t, "submit", "--embeddings", whole, "--records", records, "--out", out, "--json").ended(exitDone).has("videos", "dim")
	near(t, "videos", v["videos"], float64(len(ids)), 0)
	near(t, "dim", v["dim"], 2, 0)
	if got := submission(t, out); len(got) != len(ids) || got[itoa(ids[0])][0] != 1 {
		t.Errorf("%d videos, first %v", len(got), got[itoa(ids[0])])
	}
	before := hashOf(t, out)
	vsim(t, "submit", "--embeddings", whole, "--records", records, "--out", out).ended(exitDone)
	part := set("part.safetensors", ids[1:])
	vsim(t, "submit", "--embeddings", part, "--records", records, "--out", out, "--force").failed(exitFailed, "submit", itoa(ids[0]))
	vsim(t, "submit", "--embeddings", whole, "--records", whole, "--out", out, "--force").failed(exitFailed, "whole.safetensors")
	if hashOf(t, out) != before {
		t.Error("a failure changed the output")
	}
	vsim(t, "submit", "--embeddings", whole, "--records", records, "--out", out, "--force").ended(exitDone)
	if hashOf(t, out) != before {
		t.Error("the same input gave other bytes")
	}
}

// submission reads result.json out of result.zip.
func submission(t *testing.T, path string) map[string][]float64 {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	f, err := archive.Open("result.json")
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string][]float64
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func readSet(t *testing.T, path string) *embeddings.Set {
	t.Helper()
	set, err := embeddings.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
