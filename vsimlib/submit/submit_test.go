// SPDX-License-Identifier: Apache-2.0

package submit

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/half"
	"vsim/vsimlib/tfrecord"
)

// recordsOf writes a record file with these ids, no frames, and opens it.
func recordsOf(t *testing.T, ids ...int64) *corpus.Set {
	t.Helper()
	var file bytes.Buffer
	w := tfrecord.NewWriter(&file)
	for _, id := range ids {
		record, err := tfrecord.AppendExample(nil, []tfrecord.Feature{
			tfrecord.BytesFeature("id", []byte(strconv.FormatInt(id, 10))),
			tfrecord.BytesFeature("title", []byte("a title")),
			tfrecord.BytesFeature("asr_text", nil),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "test_b.tfrecords")
	if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	set, err := corpus.OpenRecords(path)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// unzip returns the one file of a submission.
func unzip(t *testing.T, path string) []byte {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if len(z.File) != 1 || z.File[0].Name != "result.json" || z.File[0].Method != zip.Deflate {
		t.Fatalf("%d files, the first %+v", len(z.File), z.File[0].FileHeader)
	}
	f, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWrite(t *testing.T) {
	draw := rand.New(rand.NewPCG(2, 1))
	ids := []int64{math.MaxInt64, 7, 900, 12}
	set := &embeddings.Set{IDs: []int64{12, 900, 55, 7, math.MaxInt64}, Dim: 31}
	for range len(set.IDs) * set.Dim {
		set.Data = append(set.Data, float32(draw.NormFloat64()*.1))
	}
	path := filepath.Join(t.TempDir(), "result.zip")
	info, err := Write(path, set, recordsOf(t, ids...))
	if err != nil {
		t.Fatal(err)
	}
	if info != (Info{Videos: 4, Dim: 31}) {
		t.Errorf("%+v", info)
	}
	data := unzip(t, path)
	var got map[string][]float64
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 || !bytes.HasPrefix(data, []byte(`{"9223372036854775807": [`)) {
		t.Errorf("%d videos: %.60s", len(got), data)
	}
	at, _ := set.Index()
	for _, id := range ids {
		row := got[fmt.Sprint(id)]
		if len(row) != set.Dim {
			t.Fatalf("id %d has %d values", id, len(row))
		}
		for j, v := range set.Row(at[id]) {
			if want := half.FromFloat32(v); half.FromFloat64(row[j]) != want || math.Abs(row[j]-float64(v)) > 1e-3*math.Abs(float64(v)) {
				t.Fatalf("id %d, value %d: %v, want %v", id, j, row[j], v)
			}
		}
	}
	first, _ := os.ReadFile(path)
	if _, err := Write(path, set, recordsOf(t, ids...)); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(path); !bytes.Equal(first, again) {
		t.Error("two writes differ")
	}
}

func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "result.zip")
	set := func(dim int, data ...float32) *embeddings.Set {
		s := &embeddings.Set{Dim: dim, Data: data}
		for i := range len(data) / dim {
			s.IDs = append(s.IDs, int64(i+1))
		}
		return s
	}
	for _, c := range []struct {
		set  *embeddings.Set
		ids  []int64
		want string
	}{
		{set(1, 1, 2), []int64{1, 3, 2}, "submit: 1 of 3 videos have no embedding: 3"},
		{set(1, 1), []int64{9, 8, 7, 6, 5, 4, 3}, "submit: 7 of 7 videos have no embedding: 9, 8, 7, 6, 5, …"},
		{set(2, 1, 65520), []int64{1}, "submit: " + path + ": not written: id 1: value 2 is 65520, which float16 cannot hold"},
		{set(2, float32(math.NaN()), 1), []int64{1}, "submit: " + path + ": not written: id 1: value 1 is NaN, which float16 cannot hold"},
		{set(2, 1, 1, 1e-9, -1e-9), []int64{1, 2}, "submit: " + path + ": not written: id 2: its 2 values are all zero in float16"},
		{set(257, make([]float32, 257)...), []int64{1}, "submit: embeddings of 257 floats, the competition takes at most 256; vsim ensemble --dim 256 shortens them"},
		{&embeddings.Set{IDs: []int64{1, 1}, Dim: 1, Data: []float32{1, 2}}, []int64{1},
			"submit: embeddings: id 1 appears twice, in rows 0 and 1"},
	} {
		if _, err := Write(path, c.set, recordsOf(t, c.ids...)); err == nil || err.Error() != c.want {
			t.Errorf("%v\nwant %s", err, c.want)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
	_, err := Write(filepath.Join(dir, "no", "result.zip"), set(1, 1), recordsOf(t, 1))
	if err == nil || !strings.Contains(err.Error(), "no such file or directory") {
		t.Errorf("%v", err)
	}
}
