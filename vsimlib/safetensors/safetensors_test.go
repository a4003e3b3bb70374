// SPDX-License-Identifier: Apache-2.0

package safetensors

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/half"
)

// The fixtures python_*.safetensors were written by testdata/make.py with the Python package 0.8.0.
const mixed = "testdata/python_mixed.safetensors"

func openTest(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestReadsWhatPythonWrote(t *testing.T) {
	f := openTest(t, mixed)
	if got := f.Metadata(); !reflect.DeepEqual(got, map[string]string{"format": "pt"}) {
		t.Errorf("metadata %v", got)
	}
	if n := len(f.Names()); n != 16 || !slices.IsSorted(f.Names()) {
		t.Errorf("%d names: %q", n, f.Names())
	}
	for _, name := range []string{"f16", "bf16", "f32", "f64"} {
		tensor, err := f.Read("all." + name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Float32s(tensor)
		if want := []float32{0, 1, 2, 3, 4, -5}; err != nil || !slices.Equal(got, want) || !slices.Equal(tensor.Shape, []int{2, 3}) {
			t.Errorf("%s: %v %v %v", name, got, tensor.Shape, err)
		}
	}
	for _, name := range []string{"i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64"} {
		tensor, err := f.Read("all." + name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Int64s(tensor)
		if want := []int64{0, 1, 2, 3, 4, 5}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	scalar, err := f.Read("scalar")
	if got, ferr := Float32s(scalar); err != nil || ferr != nil || len(scalar.Shape) != 0 || !slices.Equal(got, []float32{1.5}) {
		t.Errorf("scalar: %v %v %v %v", got, scalar.Shape, err, ferr)
	}
	empty, err := f.Read("empty")
	if err != nil || !slices.Equal(empty.Shape, []int{0, 7}) || len(empty.Data) != 0 {
		t.Errorf("empty: %v %v", empty, err)
	}
	odd, err := f.Read("名字 \"quoted\" <&>\n")
	if got, ierr := Int64s(odd); err != nil || ierr != nil || !slices.Equal(got, []int64{-1}) {
		t.Errorf("odd name: %v %v %v", got, err, ierr)
	}
}

// TestWritesPythonsBytes shows that Python reads what Write makes: the bytes are its own.
func TestWritesPythonsBytes(t *testing.T) {
	for _, path := range []string{mixed, "testdata/python_plain.safetensors"} {
		f := openTest(t, path)
		var tensors []Tensor
		for _, name := range f.Names() {
			tensor, err := f.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			tensors = append(tensors, tensor)
		}
		metadata := f.Metadata()
		if len(metadata) == 0 {
			metadata = nil
		}
		var got bytes.Buffer
		if err := Write(&got, tensors, metadata); err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: wrote\n%q\nPython wrote\n%q", path, got.Bytes(), want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	in := []Tensor{
		FromInt64("ids", []int{3}, []int64{math.MinInt64, -1, math.MaxInt64}),
		FromFloat32("z", []int{1, 2}, []float32{float32(math.Inf(1)), -0.1}),
		int32s("counts", []int{2, 1}, math.MinInt32, 7),
		{"half", Float16, nil, le.AppendUint16(nil, half.FromFloat32(65504))},
		FromFloat32("none", []int{5, 0, 2}, nil),
	}
	metadata := map[string]string{"b": "2", "a": "<1>\u2028\"\\", "": ""}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	var b bytes.Buffer
	if err := Write(&b, in, metadata); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	f := openTest(t, path)
	if !reflect.DeepEqual(f.Metadata(), metadata) {
		t.Errorf("metadata %q", f.Metadata())
	}
	for _, want := range in {
		got, err := f.Read(want.Name)
		if err != nil {
			t.Fatal(err)
		}
		if got.DType != want.DType || !slices.Equal(got.Shape, want.Shape) || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	ids, err := f.Read("ids")
	if got, ierr := Int64s(ids); err != nil || ierr != nil || !slices.Equal(got, []int64{math.MinInt64, -1, math.MaxInt64}) {
		t.Errorf("ids %v %v %v", got, err, ierr)
	}
	if dtype, shape, ok := f.Info("z"); dtype != Float32 || !slices.Equal(shape, []int{1, 2}) || !ok {
		t.Errorf("Info(z) = %s %v %v", dtype, shape, ok)
	}
	if _, _, ok := f.Info("absent"); ok {
		t.Error("Info of an absent tensor is ok")
	}
	if _, err := f.Read("absent"); err == nil || !strings.Contains(err.Error(), `no tensor "absent"`) {
		t.Errorf("absent: %v", err)
	}
	if err := f.ReadInto("z", make([]byte, 7)); err == nil || !strings.Contains(err.Error(), "7 bytes of room, it has 8") {
		t.Errorf("short room: %v", err)
	}
}

func TestEmptyFile(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != "\x08\x00\x00\x00\x00\x00\x00\x00{}      " {
		t.Errorf("%q", got)
	}
}

func TestWriteRefuses(t *testing.T) {
	one := int32s("a", []int{1}, 1)
	for _, c := range []struct {
		name    string
		tensors []Tensor
		meta    map[string]string
		want    string
	}{
		{"repeated name", []Tensor{one, one}, nil, `tensor "a": given twice`},
		{"no name", []Tensor{{"", Int32, []int{0}, nil}}, nil, "a tensor without a name"},
		{"reserved name", []Tensor{{"__metadata__", Int32, []int{0}, nil}}, nil, "not a tensor's name"},
		{"name not UTF-8", []Tensor{{"a\xff", Int32, []int{0}, nil}}, nil, "is not UTF-8"},
		{"unknown dtype", []Tensor{{"a", "F12", []int{0}, nil}}, nil, `dtype "F12" is not supported`},
		{"wrong size", []Tensor{{"a", Int32, []int{2}, make([]byte, 4)}}, nil, `4 bytes of data, I32 [2] needs 8`},
		{"negative dimension", []Tensor{{"a", Int32, []int{-1}, nil}}, nil, "negative dimension"},
		{"overflow", []Tensor{{"a", Int32, []int{1 << 40, 1 << 40}, nil}}, nil, "overflows 63 bits"},
		{"metadata not UTF-8", nil, map[string]string{"k": "\xff"}, "metadata that is not UTF-8"},
	} {
		err := Write(&bytes.Buffer{}, c.tensors, c.meta)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// fullDisk takes a number of bytes and then fails.
type fullDisk struct{ room int }

var errFull = errors.New("no space left on device")

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteReportsAFullDisk(t *testing.T) {
	tensors := []Tensor{int32s("a", []int{100}, make([]int32, 100)...)}
	for _, room := range []int{0, 300} {
		if err := Write(&fullDisk{room}, tensors, nil); !errors.Is(err, errFull) {
			t.Errorf("room for %d: %v", room, err)
		}
	}
}

func TestConversionsRefuse(t *testing.T) {
	for _, c := range []struct {
		tensor Tensor
		float  bool
		want   string
	}{
		{int32s("a", []int{1}, 1), true, "dtype I32 is not a float"},
		{FromFloat32("a", []int{1}, []float32{1}), false, "dtype F32 is not an integer"},
		{Tensor{"a", Bool, []int{1}, []byte{1}}, false, "dtype BOOL is not an integer"},
		{Tensor{"a", Uint64, []int{1}, bytes.Repeat([]byte{0xFF}, 8)}, false, "element 0 is 18446744073709551615"},
		{Tensor{"a", Float32, []int{2}, make([]byte, 4)}, true, "4 bytes of data, F32 [2] needs 8"},
	} {
		var err error
		if c.float {
			_, err = Float32s(c.tensor)
		} else {
			_, err = Int64s(c.tensor)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.tensor, err, c.want)
		}
	}
}

// int32s makes an I32 tensor.
func int32s(name string, shape []int, data ...int32) Tensor {
	var b []byte
	for _, v := range data {
		b = le.AppendUint32(b, uint32(v))
	}
	return Tensor{name, Int32, shape, b}
}
