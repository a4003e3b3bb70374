// SPDX-License-Identifier: Apache-2.0

package half

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// byDefinition is the value of a float16 by the standard's formula.
func byDefinition(h uint16) float64 {
	sign := 1 - 2*float64(h>>15)
	exponent, fraction := int(h>>10)&0x1F, float64(h&0x3FF)
	switch {
	case exponent == 0x1F && fraction != 0:
		return math.NaN()
	case exponent == 0x1F:
		return math.Inf(int(sign))
	case exponent == 0:
		return math.Copysign(math.Ldexp(fraction, -24), sign)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// TestEveryValue sends every float16 to float32 and back, and rounds the neighbourhood of every midpoint.
func TestEveryValue(t *testing.T) {
	for bits := range 1 << 16 {
		h := uint16(bits)
		f, want := Float32(h), byDefinition(h)
		if math.IsNaN(want) {
			if back := FromFloat32(f); f == f || Finite(back) || back&0x3FF == 0 || back>>15 != h>>15 {
				t.Fatalf("%#04x is %v and goes back to %#04x", h, f, back)
			}
			continue
		}
		if float64(f) != want || math.Signbit(float64(f)) != math.Signbit(want) {
			t.Fatalf("%#04x is %v, want %v", h, f, want)
		}
		if back, wide := FromFloat32(f), FromFloat64(float64(f)); back != h || wide != h {
			t.Fatalf("%#04x went to %v and back to %#04x and %#04x", h, f, back, wide)
		}
		if Finite(h) == math.IsInf(want, 0) {
			t.Fatalf("%#04x: Finite is %t", h, Finite(h))
		}
		if Finite(h) {
			checkMidpoint(t, h)
		}
	}
}

// checkMidpoint rounds what is below, at and above the middle between h and the next number away from zero.
func checkMidpoint(t *testing.T, h uint16) {
	t.Helper()
	here, next := byDefinition(h), byDefinition(h+1)
	if !Finite(h + 1) {
		next = math.Copysign(65536, here) // where the next number would be
	}
	middle := (here + next) / 2
	even := h + h&1
	if got := [2]uint16{FromFloat32(float32(middle)), FromFloat64(middle)}; got != [2]uint16{even, even} {
		t.Fatalf("%v becomes %#04x, want %#04x", middle, got, even)
	}
	for _, c := range []struct {
		to   float64
		want uint16
	}{{here, h}, {next, h + 1}} {
		if got := FromFloat32(math.Nextafter32(float32(middle), float32(c.to))); got != c.want {
			t.Fatalf("float32 near %v becomes %#04x, want %#04x", middle, got, c.want)
		}
		if got := FromFloat64(math.Nextafter(middle, c.to)); got != c.want {
			t.Fatalf("float64 near %v becomes %#04x, want %#04x", middle, got, c.want)
		}
	}
}

// TestExtremes covers what the neighbourhoods above leave out.
func TestExtremes(t *testing.T) {
	for _, c := range []struct {
		in   float64
		want uint16
	}{
		{math.NaN(), 0x7e00}, {math.MaxFloat32, Infinite}, {-math.MaxFloat64, 0x8000 | Infinite}, {math.Inf(-1), 0x8000 | Infinite},
		{math.SmallestNonzeroFloat64, 0}, {-math.SmallestNonzeroFloat64, 0x8000}, {math.Ldexp(1, -25), 0},
		{math.Nextafter(math.Ldexp(1, -25), 1), 1}, {65520, Infinite}, {math.Nextafter(65520, 0), 0x7bff}, {1, 0x3c00},
		{math.Copysign(0, -1), 0x8000},
	} {
		if got := FromFloat64(c.in); got != c.want {
			t.Errorf("%v becomes %#04x, want %#04x", c.in, got, c.want)
		}
	}
}

// TestFromFloat32Search compares with the nearest of all values, found by search.
func TestFromFloat32Search(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		x := math.Float32frombits(random.Uint32())
		if x != x {
			continue
		}
		got := FromFloat32(x)
		if wide := FromFloat64(float64(x)); wide != got {
			t.Fatalf("%v: %#04x by float32, %#04x by float64", x, got, wide)
		}
		if !Finite(got) {
			if math.Abs(float64(x)) < 65520 {
				t.Fatalf("%v becomes infinite", x)
			}
			continue
		}
		off := math.Abs(byDefinition(got) - float64(x))
		for _, neighbour := range []uint16{got - 1, got + 1} {
			if v := byDefinition(neighbour); !math.IsNaN(v) && math.Abs(v-float64(x)) < off {
				t.Fatalf("%v becomes %#04x, but %#04x is nearer", x, got, neighbour)
			}
		}
	}
}

// TestEqualsNumpy: testdata/make_numpy.py made the file with numpy's astype(float16).
func TestEqualsNumpy(t *testing.T) {
	data, err := os.ReadFile("testdata/numpy.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Rows [][2]string }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Rows) < 1000 {
		t.Fatalf("%d rows", len(file.Rows))
	}
	for _, row := range file.Rows {
		from, err1 := strconv.ParseUint(row[0], 16, 32)
		want, err2 := strconv.ParseUint(row[1], 16, 16)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		x := math.Float32frombits(uint32(from))
		if got, wide := FromFloat32(x), FromFloat64(float64(x)); got != uint16(want) || wide != got {
			t.Errorf("%g (%s): %04x and %04x, want %s", x, row[0], got, wide, row[1])
		}
	}
}
