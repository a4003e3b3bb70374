// SPDX-License-Identifier: Apache-2.0

package tfrecord

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// oracleFeature is a feature as testdata/make_golden.py writes it: bytes in hex, floats as their bits, integers as decimals.
type oracleFeature struct {
	Kind   string `json:"kind"`
	Values []any  `json:"values"`
}

func (o oracleFeature) feature(t *testing.T, name string) Feature {
	t.Helper()
	f := Feature{Name: name}
	for _, v := range o.Values {
		switch o.Kind {
		case "bytes_list":
			b, err := hex.DecodeString(v.(string))
			if err != nil {
				t.Fatal(err)
			}
			f.Bytes = append(f.Bytes, b)
		case "float_list":
			f.Floats = append(f.Floats, math.Float32frombits(uint32(v.(float64))))
		case "int64_list":
			n, err := strconv.ParseInt(v.(string), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			f.Ints = append(f.Ints, n)
		}
	}
	f.Kind = map[string]Kind{"none": None, "bytes_list": BytesList, "float_list": FloatList, "int64_list": Int64List}[o.Kind]
	return f
}

// equalFeatures compares without telling nil lists from empty ones, and floats by their bits.
func equalFeatures(a, b Feature) bool {
	if a.Name != b.Name || a.Kind != b.Kind || len(a.Bytes) != len(b.Bytes) || len(a.Ints) != len(b.Ints) ||
		len(a.Floats) != len(b.Floats) {
		return false
	}
	for i := range a.Bytes {
		if !bytes.Equal(a.Bytes[i], b.Bytes[i]) {
			return false
		}
	}
	for i := range a.Floats {
		if math.Float32bits(a.Floats[i]) != math.Float32bits(b.Floats[i]) {
			return false
		}
	}
	for i := range a.Ints {
		if a.Ints[i] != b.Ints[i] {
			return false
		}
	}
	return true
}

func checkOracle(t *testing.T, e *Example, want map[string]oracleFeature) {
	t.Helper()
	if len(e.Features) != len(want) {
		t.Errorf("%d features, want %d", len(e.Features), len(want))
	}
	for name, o := range want {
		got := e.Get(name)
		if got == nil {
			t.Errorf("feature %q is missing", name)
		} else if f := o.feature(t, name); !equalFeatures(*got, f) {
			t.Errorf("feature %q: %+v, want %+v", name, *got, f)
		}
	}
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

// The file was framed and encoded by the PyPI package tfrecord 1.14.6 (testdata/make_golden.py).
func TestGoldenFile(t *testing.T) {
	var want []map[string]oracleFeature
	readJSON(t, "testdata/golden.json", &want)
	f, err := Open("testdata/golden.tfrecords")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := f.Scan()
	var e Example
	for i := range want {
		r, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Unmarshal(r.Data); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		checkOracle(t, &e, want[i])
	}
	if _, err := s.Next(); err != io.EOF {
		t.Errorf("after the last record: %v, want EOF", err)
	}
}

func TestDecodeErrorNamesThePlace(t *testing.T) {
	data, err := AppendExample(nil, []Feature{Int64Feature("tag_id", 300, 300)})
	if err != nil {
		t.Fatal(err)
	}
	bad := append([]byte(nil), data...)
	bad[len(bad)-1] |= 0x80 // the last varint does not end
	err = new(Example).Unmarshal(bad)
	var de *DecodeError
	if !errors.As(err, &de) || de.Field != "tag_id" || de.Offset != len(bad)-2 {
		t.Fatalf("%v, want field tag_id at byte %d", err, len(bad)-2)
	}
	if !strings.Contains(err.Error(), "malformed Example") {
		t.Errorf("error %q does not say what is malformed", err)
	}
}

func TestDecodeBounds(t *testing.T) {
	one := func(f Feature) []byte {
		b, err := AppendExample(nil, []Feature{f})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	full := one(Int64Feature("a", make([]int64, MaxValues)...))
	if err := new(Example).Unmarshal(full); err != nil {
		t.Errorf("MaxValues values: %v", err)
	}
	if _, err := AppendExample(nil, []Feature{Int64Feature("a", make([]int64, MaxValues+1)...)}); err == nil {
		t.Error("AppendExample took more than MaxValues values")
	}
	half := Int64Feature("b", make([]int64, MaxValues/2+1)...)
	two := append(one(half), one(Int64Feature("c", make([]int64, MaxValues/2+1)...))...)
	if err := new(Example).Unmarshal(two); err == nil || !strings.Contains(err.Error(), "more than 1048576 values in one record") {
		t.Errorf("two features with too many values together: %v", err)
	}
	// Two Features messages follow each other; the entries hold 1-byte names, the later ones win.
	many := bytes.Repeat(one(Feature{Name: "a"}), MaxFeatures+1)
	if err := new(Example).Unmarshal(many); err == nil || !strings.Contains(err.Error(), "more than 4096 features") {
		t.Errorf("%d map entries: %v", MaxFeatures+1, err)
	}
	if err := new(Example).Unmarshal(many[:len(many)/(MaxFeatures+1)*MaxFeatures]); err != nil {
		t.Errorf("%d map entries: %v", MaxFeatures, err)
	}
}

// TestManyFeatures: the last entry of a name wins among many features as among few, and a reused Example forgets the earlier ones.
func TestManyFeatures(t *testing.T) {
	var e Example
	for _, n := range []int{3 * few, few - 1, few, few + 1, MaxFeatures / 2} {
		var data []byte
		for round := range 2 {
			for i := range n {
				entry, err := AppendExample(nil, []Feature{Int64Feature(strconv.Itoa(i), int64(round*n+i))})
				if err != nil {
					t.Fatal(err)
				}
				data = append(data, entry...)
			}
		}
		if err := e.Unmarshal(data); err != nil || len(e.Features) != n {
			t.Fatalf("%d features of %d: %v", len(e.Features), n, err)
		}
		for i, f := range e.Features {
			if f.Name != strconv.Itoa(i) || len(f.Ints) != 1 || f.Ints[0] != int64(n+i) {
				t.Fatalf("feature %d of %d: %+v", i, n, f)
			}
		}
	}
}

func TestExampleRoundTrip(t *testing.T) {
	features := []Feature{
		BytesFeature("title", []byte("标题")), {Name: "w", Kind: FloatList, Floats: []float32{1, -2.5, float32(math.Inf(1))}},
		Int64Feature("ids", 0, -1, math.MaxInt64, math.MinInt64),
		BytesFeature("empty"), Int64Feature("none"), {Name: "unset"}, BytesFeature("frames", []byte{1, 2}, nil, []byte{3}),
	}
	data, err := AppendExample([]byte("prefix"), features)
	if err != nil {
		t.Fatal(err)
	}
	var e Example
	if err := e.Unmarshal(data[len("prefix"):]); err != nil {
		t.Fatal(err)
	}
	for _, f := range features {
		if got := e.Get(f.Name); got == nil || !equalFeatures(*got, f) {
			t.Errorf("%q: %+v, want %+v", f.Name, got, f)
		}
	}
	reversed := append([]Feature(nil), features...)
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	again, err := AppendExample([]byte("prefix"), reversed)
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("the order of the features changes the bytes (%v)", err)
	}
	for _, bad := range [][]Feature{{{Name: "a"}, {Name: "a"}}, {{Name: "\xff"}}, {{Name: "a", Kind: 4}}} {
		if _, err := AppendExample(nil, bad); err == nil {
			t.Errorf("AppendExample took %+v", bad)
		}
	}
	if e.Get("absent") != nil {
		t.Error("Get found a feature that is not there")
	}
}

func TestUnmarshalReusesMemory(t *testing.T) {
	data, err := AppendExample(nil,
		[]Feature{BytesFeature("id", []byte("1")), BytesFeature("frame_feature", make([]byte, 64), make([]byte, 64)),
			Int64Feature("tag_id", 1, 2, 3)})
	if err != nil {
		t.Fatal(err)
	}
	var e Example
	if n := testing.AllocsPerRun(100, func() {
		if err := e.Unmarshal(data); err != nil {
			t.Fatal(err)
		}
	}); n > 1 {
		t.Errorf("%v allocations a record once warm, want at most 1", n)
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	frames := make([][]byte, 16)
	for i := range frames {
		frames[i] = make([]byte, 3072)
	}
	data, err := AppendExample(nil, []Feature{BytesFeature("id", []byte("123456789")), BytesFeature("title", []byte("标题")),
		BytesFeature("frame_feature", frames...), Int64Feature("tag_id", 1, 2, 3)})
	if err != nil {
		b.Fatal(err)
	}
	var e Example
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Unmarshal(data); err != nil {
			b.Fatal(err)
		}
	}
}

func TestKindString(t *testing.T) {
	got := []string{None.String(), BytesList.String(), FloatList.String(), Int64List.String(), Kind(9).String()}
	if want := []string{"none", "bytes_list", "float_list", "int64_list", "Kind(9)"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
