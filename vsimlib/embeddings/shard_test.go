// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vsim/vsimlib/provenance"
	"vsim/vsimlib/safetensors"
)

// threeShards are 5 rows in shards of 3, 2 and 0.
func threeShards() []*Shard {
	job := Job{Of: 3, Videos: 5, Batch: 2, DType: "float32", Model: "m", Records: "r"}
	return []*Shard{
		{Set: Set{IDs: []int64{50, 51, 54}, Dim: 2, Data: []float32{0, .5, 1, 1.5, 4, 4.5}}, Places: []int64{0, 1, 4}, Index: 1,
			Job: job},
		{Set: Set{IDs: []int64{52, 53}, Dim: 2, Data: []float32{2, 2.5, 3, 3.5}}, Places: []int64{2, 3}, Index: 2, Job: job},
		{Set: Set{IDs: []int64{}, Dim: 2, Data: []float32{}}, Places: []int64{}, Index: 3, Job: job},
	}
}

// shardFiles writes shards as a, b, c ….
func shardFiles(t *testing.T, shards []*Shard) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i, s := range shards {
		path := filepath.Join(dir, string(rune('a'+i)))
		if err := s.Write(path); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

func TestMerge(t *testing.T) {
	paths := shardFiles(t, threeShards())
	for i, want := range threeShards() {
		got, err := ReadShard(paths[i])
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		if set, err := Read(paths[i]); err != nil || !reflect.DeepEqual(*set, want.Set) {
			t.Errorf("as an embeddings file: %+v, %v", set, err)
		}
	}
	want := &Set{IDs: []int64{50, 51, 52, 53, 54}, Dim: 2, Data: []float32{0, .5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5}}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		got, err := Merge(false, paths[order[0]], paths[order[1]], paths[order[2]])
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("order %v: got %+v, %v", order, got, err)
		}
	}
}

// TestMergeRefuses: one line that names the shard that does not fit.
func TestMergeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s []*Shard) []*Shard
		want   []string
	}{
		"missing":     {func(s []*Shard) []*Shard { return s[1:2] }, []string{"a, 1/3, 3/3 are missing"}},
		"one missing": {func(s []*Shard) []*Shard { return s[:2] }, []string{"3/3 is missing"}},
		"many missing": {func(s []*Shard) []*Shard { s[0].Of = 2_000_000_000; return s[:1] },
			[]string{"2/2000000000, 3/2000000000", "9/2000000000 and 1999999991 more are missing"}},
		"repeated": {func(s []*Shard) []*Shard { return append(s, s[1]) }, []string{"d: is shard 2/3, as ", "b is"}},
		"model":    {func(s []*Shard) []*Shard { s[1].Model = "x"; return s }, []string{"b: is of another model than ", "a"}},
		"records":  {func(s []*Shard) []*Shard { s[2].Records = "x"; return s }, []string{"c: is of other records than "}},
		"number":   {func(s []*Shard) []*Shard { s[2].Videos = 6; return s }, []string{"c: is of other records than "}},
		"batch":    {func(s []*Shard) []*Shard { s[1].Batch = 3; return s }, []string{"b: is of another batch (3, not 2) than "}},
		"dtype": {func(s []*Shard) []*Shard { s[1].DType = "bfloat16"; return s },
			[]string{"b: is of another dtype (bfloat16, not float32) than "}},
		"division": {func(s []*Shard) []*Shard { s[1].Of = 4; return s }, []string{"b: is of another division (4 shards, not 3) than "}},
		"width":    {func(s []*Shard) []*Shard { s[2].Dim = 3; return s }, []string{"c: is of another model"}},
		"lost rows": {func(s []*Shard) []*Shard {
			s[1].IDs, s[1].Data, s[1].Places = s[1].IDs[:1], s[1].Data[:2], s[1].Places[:1]
			return s
		}, []string{"hold 4 rows for 5 records"}},
		"claimed":    {func(s []*Shard) []*Shard { s[0].Of, s[0].Videos = 1, 1<<50; return s[:1] }, []string{"hold 3 rows for 1125899906842624 records"}},
		"row in two": {func(s []*Shard) []*Shard { s[1].Places[0] = 1; return s }, []string{"b: row 0 is of record 1, which is in ", "a too"}},
	} {
		paths := shardFiles(t, c.change(threeShards()))
		_, err := Merge(false, paths...)
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %q lacks %q", name, err, want)
			}
		}
	}
	if _, err := Merge(false); err == nil {
		t.Error("no shards: no error")
	}
}

// TestMergeOfOthers refuses shards of machines that compute otherwise, and those that do not say it beside those that do; asked to,
// it merges them, and says what they mix.
func TestMergeOfOthers(t *testing.T) {
	process := func(backend, arithmetic string) provenance.Process {
		return provenance.Process{Machine: provenance.Machine{Backend: backend, CPU: "p"}, Arithmetic: arithmetic, Start: "now"}
	}
	for name, c := range map[string]struct {
		other        provenance.Process
		want, mixed  string
		ofArithmetic string
	}{
		"same":       {process("cpu", "1"), "", "", "1"},
		"backend":    {process("go", "1"), "a: was computed with the backend cpu, not go as in ", "the backend: cpu and go", "1"},
		"arithmetic": {process("cpu", "2"), "the arithmetic 1, not 2 as in ", "the arithmetic: 1 and 2", "mixed"},
		"older":      {provenance.Process{}, "the arithmetic 1, not unknown as in ", "the arithmetic: 1 and unknown", "mixed"},
	} {
		shards := threeShards()
		for i := range shards {
			shards[i].By = process("cpu", "1")
		}
		shards[2].By = c.other
		paths := shardFiles(t, shards)
		_, err := Merge(false, paths...)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), "--mix-backends")) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if _, err := Merge(true, paths...); err != nil {
			t.Errorf("%s: asked to mix: %v", name, err)
		}
		mixed, err := Mixture(paths...)
		if err != nil || mixed != c.mixed {
			t.Errorf("%s: mixes %q, %v, want %q", name, mixed, err, c.mixed)
		}
		if o, err := MergedOrigin(true, paths...); err != nil || o[OfArithmetic] != c.ofArithmetic {
			t.Errorf("%s: origin %v, %v", name, o, err)
		}
	}
}

// TestNoShard: other files, and shards that lie, are refused by name.
func TestNoShard(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := (&Set{IDs: []int64{1}, Dim: 1, Data: []float32{1}}).Write(plain); err != nil {
		t.Fatal(err)
	}
	good := threeShards()[1]
	tensors := append(good.tensors(), safetensors.FromInt64(placesName, []int{2}, []int64{3, 2}))
	meta := func(shard, videos string) map[string]string {
		return map[string]string{metaShard: shard, metaVideos: videos, metaBatch: "2"}
	}
	for name, c := range map[string]struct {
		tensors []safetensors.Tensor
		meta    map[string]string
		want    string
	}{
		"order":    {tensors, meta("2/3", "5"), "row 1: place 2"},
		"range":    {tensors, meta("2/3", "3"), "row 0: place 3"},
		"name":     {tensors, meta("4/3", "5"), `"4/3" is not i/n`},
		"count":    {tensors, meta("2/3", "-5"), `"-5" is no number of videos`},
		"no count": {tensors, meta("2/3", ""), `"" is no number of videos`},
		"places":   {good.tensors(), meta("2/3", "5"), `has no tensor "places"`},
	} {
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := safetensors.Write(f, c.tensors, c.meta); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadShard(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	for _, path := range []string{plain, filepath.Join(dir, "absent")} {
		if _, err := Merge(false, path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
	bad := threeShards()[0]
	bad.Places = bad.Places[:2]
	if err := bad.Write(filepath.Join(dir, "bad")); err == nil {
		t.Error("a shard with fewer places than rows was written")
	}
}

func TestParseShard(t *testing.T) {
	if i, n, err := ParseShard("3/7"); i != 3 || n != 7 || err != nil {
		t.Errorf("%d/%d, %v", i, n, err)
	}
	for _, text := range []string{"", "1", "0/2", "3/2", "-1/2", "1/0", "1/2/3", "a/b", "1/2 ", "99999999999999999999/1"} {
		if _, _, err := ParseShard(text); err == nil || !strings.Contains(err.Error(), "is not i/n with 1 <= i <= n") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}
