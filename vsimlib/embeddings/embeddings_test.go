// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/safetensors"
)

func TestRoundTrip(t *testing.T) {
	for _, s := range []*Set{
		{IDs: []int64{math.MaxInt64, 3, 7}, Dim: 2, Data: []float32{1, -2, 0, 4e-45, math.MaxFloat32, 6}},
		{IDs: []int64{5}, Dim: 1, Data: []float32{0}},
		{IDs: []int64{}, Dim: 256, Data: []float32{}},
	} {
		path := filepath.Join(t.TempDir(), "e.safetensors")
		for range 2 { // the second time over the first
			if err := s.Write(path); err != nil {
				t.Fatal(err)
			}
		}
		got, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, s) || got.Len() != len(s.IDs) {
			t.Errorf("got %v, want %v", got, s)
		}
		for i := range s.IDs {
			if row := got.Row(i); !slices.Equal(row, s.Data[i*s.Dim:(i+1)*s.Dim]) || cap(row) != s.Dim {
				t.Errorf("row %d is %v", i, row)
			}
		}
	}
}

// TestReadsWhatPythonWrote: testdata/python.safetensors is by testdata/make.py, with the Python package safetensors 0.8.0.
func TestReadsWhatPythonWrote(t *testing.T) {
	const path = "testdata/python.safetensors"
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	want := &Set{IDs: []int64{9007199254740993, 2, 1}, Dim: 2, Data: []float32{0.5, -1, 2, 3, 4, 5}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	a, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := safetensors.Write(&b, got.tensors(), nil); err != nil { // Write itself adds the checksums
		t.Fatal(err)
	}
	if !bytes.Equal(a, b.Bytes()) {
		t.Errorf("wrote\n%q\nPython wrote\n%q", b.Bytes(), a)
	}
	again := filepath.Join(t.TempDir(), "e.safetensors")
	if err := got.Write(again); err != nil {
		t.Fatal(err)
	}
	if summed, err := os.ReadFile(again); err != nil || !bytes.Equal(summed[len(summed)-48:], a[len(a)-48:]) {
		t.Errorf("other data than Python's: %v", err)
	}
}

func TestIndex(t *testing.T) {
	s := &Set{IDs: []int64{4, 9, 2}}
	index, err := s.Index()
	if want := map[int64]int{4: 0, 9: 1, 2: 2}; err != nil || !reflect.DeepEqual(index, want) {
		t.Errorf("%v %v", index, err)
	}
	s.IDs = append(s.IDs, 9)
	if _, err := s.Index(); err == nil || err.Error() != "embeddings: id 9 appears twice, in rows 1 and 3" {
		t.Errorf("%v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	ids := safetensors.FromInt64("ids", []int{2}, []int64{11, 12})
	rows := safetensors.FromFloat32("embeddings", []int{2, 2}, make([]float32, 4))
	values := func(v ...float32) safetensors.Tensor { return safetensors.FromFloat32("embeddings", []int{2, 2}, v) }
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, c := range []struct {
		name    string
		tensors []safetensors.Tensor
		want    string
	}{
		{"no ids", []safetensors.Tensor{rows}, `not an embeddings file: it has no tensor "ids"`},
		{"no rows", []safetensors.Tensor{ids}, `not an embeddings file: it has no tensor "embeddings"`},
		{"int32 ids", []safetensors.Tensor{{Name: "ids", DType: safetensors.Int32, Shape: []int{2}, Data: []byte{1, 0, 0, 0, 2, 0, 0, 0}}, rows}, `tensor "ids" is I32 [2], want I64 with 1 dimensions`},
		{"ids of two dimensions", []safetensors.Tensor{safetensors.FromInt64("ids", []int{2, 1}, []int64{1, 2}), rows},
			`tensor "ids" is I64 [2 1]`},
		{"float16 rows", []safetensors.Tensor{ids, {Name: "embeddings", DType: safetensors.Float16, Shape: []int{2, 1}, Data: make([]byte, 4)}}, `tensor "embeddings" is F16 [2 1], want F32`},
		{"flat rows", []safetensors.Tensor{ids, safetensors.FromFloat32("embeddings", []int{2}, make([]float32, 2))},
			`tensor "embeddings" is F32 [2]`},
		{"lengths differ", []safetensors.Tensor{ids, safetensors.FromFloat32("embeddings", []int{3, 1}, make([]float32, 3))},
			"2 ids for 3 rows"},
		{"no width", []safetensors.Tensor{ids, safetensors.FromFloat32("embeddings", []int{2, 0}, nil)}, "embeddings of width 0"},
		{"NaN", []safetensors.Tensor{ids, values(0, 0, 0, nan)}, "id 12 (row 1): value 1 is NaN"},
		{"infinity", []safetensors.Tensor{ids, values(inf, 0, 0, 0)}, "id 11 (row 0): value 0 is -Inf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "e.safetensors")
			var b bytes.Buffer
			if err := safetensors.Write(&b, c.tensors, nil); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Read(path)
			if err == nil || !strings.HasPrefix(err.Error(), "embeddings: "+path+": ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("read an absent file")
	}
}

func TestWriteRefusesAndKeepsTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.safetensors")
	good := &Set{IDs: []int64{1}, Dim: 1, Data: []float32{1}}
	if err := good.Write(path); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []*Set{
		nil,
		{IDs: []int64{1}, Dim: 0},
		{IDs: []int64{1, 2}, Dim: 2, Data: []float32{1, 2}},
		{IDs: []int64{1}, Dim: 2, Data: []float32{1, 2, 3}},
		{IDs: []int64{1}, Dim: 1, Data: []float32{float32(math.NaN())}},
	} {
		if err := bad.Write(path); err == nil {
			t.Errorf("wrote %v", bad)
		}
	}
	if got, err := Read(path); err != nil || !reflect.DeepEqual(got, good) {
		t.Errorf("%v %v", got, err)
	}
}

// FuzzRead: no panic, and what is read is sound.
func FuzzRead(f *testing.F) {
	good, err := os.ReadFile("testdata/python.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, file []byte) {
		in, err := safetensors.NewFile("fuzz", bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		if s, err := read(in, nil); err == nil && (s.Dim < 1 || s.Dim*len(s.IDs) != len(s.Data)) {
			t.Errorf("read %v", s)
		}
		if s, err := readShard(in); err == nil && (s.Index < 1 || s.Index > s.Of || len(s.Places) != len(s.IDs)) {
			t.Errorf("read %v", s)
		}
	})
}
