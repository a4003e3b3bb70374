// SPDX-License-Identifier: Apache-2.0

package inference

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"vsim/vsimlib/arithmetic"
	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/tfrecord"
)

// TestShards: merged, the shards have the bytes of the whole, however many there are (of 4 runs of records), and in any order.
func TestShards(t *testing.T) {
	o := Options{Backend: backendstest.Backend(t), Model: freshModel(t, 128), Records: []string{records}, Batch: 100}
	embedder, set, err := open(t.Context(), &o) // once: each compiles its graph
	if err != nil {
		t.Fatal(err)
	}
	defer embedder.Close()
	number, err := arithmetic.Embed(backends.Kind(o.Backend), embedder.Config())
	if err != nil {
		t.Fatal(err)
	}
	by := provenance.Now(backends.Machine(o.Backend), number)
	run := func(shard, of int) (string, Result) {
		o.Out, o.Shard, o.Shards = filepath.Join(t.TempDir(), "e.safetensors"), shard, of
		r, err := write(context.Background(), o, by, embedder, set)
		if err != nil {
			t.Fatal(err)
		}
		return o.Out, r
	}
	whole, _ := run(0, 0)
	want, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []int{1, 2, 3, 7} {
		var shards []string
		videos := 0
		for i := of; i > 0; i-- {
			out, r := run(i, of)
			if name := strconv.Itoa(i) + "/" + strconv.Itoa(of); r.Shard != name {
				t.Errorf("shard %q, want %q", r.Shard, name)
			}
			if set, err := embeddings.Read(out); err != nil || set.Len() != r.Videos {
				t.Fatalf("shard %s is no embeddings file of its %d rows: %v", r.Shard, r.Videos, err)
			}
			shards, videos = append(shards, out), videos+r.Videos
		}
		merged, err := embeddings.Merge(false, shards...)
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "merged.safetensors")
		origin, err := embeddings.MergedOrigin(false, shards...)
		if err != nil {
			t.Fatal(err)
		}
		if err := merged.WriteFrom(out, origin, nil); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(out); err != nil || !bytes.Equal(got, want) || videos != 322 {
			t.Errorf("%d shards: %d videos; the merged file differs from the whole (%v)", of, videos, err)
		}
	}
}

// TestForeignShards: what the fingerprints see.
func TestForeignShards(t *testing.T) {
	backend := backendstest.Go(t)
	few := firstRecords(t, 9)
	dir := freshModel(t, 128)
	shard := func(o Options) *embeddings.Shard {
		o.Backend, o.Out, o.Shards = backend, filepath.Join(t.TempDir(), "e.safetensors"), 2
		if o.Model == "" {
			o.Model = dir
		}
		if _, err := Run(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		s, err := embeddings.ReadShard(o.Out)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := shard(Options{Records: []string{few}, Batch: 4, Shard: 1})
	if want := []int64{0, 1, 2, 3, 8}; !reflect.DeepEqual(first.Places, want) {
		t.Errorf("places %v, want %v", first.Places, want)
	}
	moved := filepath.Join(t.TempDir(), "moved.tfrecords")
	data, err := os.ReadFile(few)
	if err != nil {
		t.Fatal(err)
	}
	writeBytes(t, moved, data)
	if second := shard(Options{Records: []string{moved}, Batch: 4, Shard: 2}); second.Job != first.Job {
		t.Errorf("shards %+v and %+v of one job", first.Job, second.Job)
	}
	if other := shard(Options{Records: []string{firstRecords(t, 8)}, Batch: 4, Shard: 2}); other.Records == first.Records {
		t.Error("other records have the same fingerprint")
	}
	for _, name := range []string{"config.json", "model.safetensors", "vocab.txt"} {
		other := freshModel(t, 128)
		change(t, filepath.Join(other, name))
		if s := shard(Options{Model: other, Records: []string{few}, Batch: 4, Shard: 2}); s.Model == first.Model {
			t.Errorf("another %s, and the same fingerprint", name)
		}
	}
}

// TestShare: every record is in one shard.
func TestShare(t *testing.T) {
	for _, n := range []int{0, 1, 5, 6, 17} {
		for _, of := range []int{0, 1, 2, 5, 9} {
			seen := make([]int, n)
			for i := range max(1, of) {
				mine := share(n, 3, i+1, of)
				if !slices.IsSorted(mine) {
					t.Errorf("%v does not ascend", mine)
				}
				for _, record := range mine {
					seen[record]++
				}
			}
			for record, times := range seen {
				if times != 1 {
					t.Errorf("%d records in %d shards: record %d is in %d", n, of, record, times)
				}
			}
		}
	}
}

// TestGroups: every record is in one group, with others of its length, and the groups are full but for the last ones and those that
// leave when too many records wait.
func TestGroups(t *testing.T) {
	set, err := corpus.OpenRecords(records)
	if err != nil {
		t.Fatal(err)
	}
	list := share(set.Len(), 10, 0, 0)
	const size = 10
	for _, lengths := range []int{1, 3, 1000} {
		length := func(v *corpus.Video) int { return int(v.ID % int64(lengths)) }
		seen, short := map[int]int{}, map[int]int{}
		waiting := 0
		for g, err := range groups(set, list, size, length) {
			if err != nil {
				t.Fatal(err)
			}
			for i, record := range g.records {
				seen[record]++
				if v := g.videos[i]; v.ID != set.ID(record) || length(&v) != g.length {
					t.Errorf("record %d has video %d of length %d in a group of %d", record, v.ID, length(&v), g.length)
				}
			}
			if len(g.records) < size {
				short[g.length]++
			}
			waiting = max(waiting, slices.Max(g.records)-len(seen)+1)
		}
		if len(seen) != set.Len() || waiting > waitingBatches*size {
			t.Errorf("%d lengths: %d of %d records, up to %d waited", lengths, len(seen), set.Len(), waiting)
		}
		for length, count := range short {
			if lengths < 1000 && count > 1 {
				t.Errorf("%d lengths: %d groups of length %d are not full", lengths, count, length)
			}
		}
	}
}

// TestRowsInAnyOrder: rows stand in the records' order, whatever the batches are.
func TestRowsInAnyOrder(t *testing.T) {
	batches := [][]int{{7, 2}, {9}, {4, 0}}
	r := newRows([]int{0, 2, 4, 7, 9}, 2, func(record int) int64 { return int64(100 + record) })
	for _, batch := range batches {
		var values []float32
		for _, record := range batch {
			values = append(values, float32(record), -float32(record))
		}
		r.put(batch, values)
	}
	want := embeddings.Set{IDs: []int64{100, 102, 104, 107, 109}, Dim: 2, Data: []float32{0, 0, 2, -2, 4, -4, 7, -7, 9, -9}}
	if !reflect.DeepEqual(r.set, want) {
		t.Errorf("got %v, want %v", r.set, want)
	}
}

// firstRecords writes the first n shipped records to a file.
func firstRecords(t *testing.T, n int) string {
	t.Helper()
	return theseRecords(t, share(n, 1, 0, 0))
}

// theseRecords writes the shipped records with these indices to a file, in this order.
func theseRecords(t *testing.T, indices []int) string {
	t.Helper()
	set, err := corpus.OpenRecords(records)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := tfrecord.NewWriter(&out)
	for _, i := range indices {
		v, err := set.Video(i)
		if err != nil {
			t.Fatal(err)
		}
		record, err := corpus.AppendVideo(nil, v, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "few.tfrecords")
	writeBytes(t, path, out.Bytes())
	return path
}

func writeBytes(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// change alters a file so that it still can be read.
func change(t *testing.T, path string) {
	t.Helper()
	dir := filepath.Dir(path)
	c, store, err := multimodal.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := multimodal.Weights(c, store)
	if err != nil {
		t.Fatal(err)
	}
	vocab := filepath.Join(dir, "vocab.txt")
	data, err := os.ReadFile(vocab)
	if err != nil {
		t.Fatal(err)
	}
	switch filepath.Base(path) {
	case "config.json":
		c.InitializerRange *= 2
	case "vocab.txt":
		writeBytes(t, vocab, bytes.Replace(data, []byte("[unused1]"), []byte("[unusedX]"), 1))
	default:
		last := weights[len(weights)-1].Data
		last[len(last)-2] ^= 1 // a low bit of the last weight
	}
	if err := multimodal.Save(dir, c, weights, vocab); err != nil {
		t.Fatal(err)
	}
}
