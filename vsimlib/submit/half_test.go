// SPDX-License-Identifier: Apache-2.0

package submit

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"
)

// All 65,536 halves: exact on the way to float and back, the neighbours' midpoint rounds to the even one, and anything
// nearer than that to the near one.
func TestHalfExhaustive(t *testing.T) {
	for bits := range 1 << 16 {
		h := half(bits)
		x := h.float()
		if math.IsNaN(x) {
			if back := toHalf(x); back&infinite != infinite || back&1023 == 0 {
				t.Fatalf("%04x: NaN comes back as %04x", bits, back)
			}
			continue
		}
		if float64(float32(x)) != x {
			t.Fatalf("%04x: %v is no float32", bits, x)
		}
		if back := toHalf(x); back != h {
			t.Fatalf("%04x: %v comes back as %04x", bits, x, back)
		}
		if h&0x7fff >= infinite {
			continue
		}
		next := h + 1
		far := next.float()
		if next&0x7fff == infinite {
			far = math.Copysign(65536, x) // where the next half would be
		}
		middle := (x + far) / 2
		even := h
		if h&1 == 1 {
			even = next
		}
		if got := toHalf(middle); got != even {
			t.Fatalf("%v between %04x and %04x becomes %04x", middle, h, next, got)
		}
		if got := toHalf(math.Nextafter(middle, x)); got != h {
			t.Fatalf("just before %v: %04x, want %04x", middle, got, h)
		}
		if got := toHalf(math.Nextafter(middle, far)); got != next {
			t.Fatalf("just beyond %v: %04x, want %04x", middle, got, next)
		}
	}
}

// testdata/make_numpy.py made the file with numpy's astype(float16).
func TestHalfEqualsNumpy(t *testing.T) {
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
		if got := toHalf(float64(x)); got != half(want) {
			t.Errorf("%g (%s): %04x, want %s", x, row[0], got, row[1])
		}
	}
}

// Every finite half has a text of at most five digits that JSON reads back, as float32 and as float64.
func TestHalfText(t *testing.T) {
	for bits := range 1 << 16 {
		h := half(bits)
		if h&infinite == infinite {
			continue
		}
		s := h.text()
		var wide float64
		var narrow float32
		if err := json.Unmarshal([]byte(s), &wide); err != nil {
			t.Fatalf("%04x: %q: %v", bits, s, err)
		}
		if err := json.Unmarshal([]byte(s), &narrow); err != nil {
			t.Fatalf("%04x: %q: %v", bits, s, err)
		}
		if toHalf(wide) != h || toHalf(float64(narrow)) != h {
			t.Fatalf("%04x: %q reads back as %04x, %04x", bits, s, toHalf(wide), toHalf(float64(narrow)))
		}
		digits := 0
		for _, c := range s {
			if c == 'e' {
				break
			}
			if c >= '1' && c <= '9' || c == '0' && digits > 0 {
				digits++
			}
		}
		if digits > 6 { // five and the zero of a trailing ".0"
			t.Fatalf("%04x: %q has %d digits", bits, s, digits)
		}
	}
	for h, want := range map[half]string{0: "0.0", 0x8000: "-0.0", 0x3c00: "1.0", 0x2e66: "0.1", 0xb555: "-0.3333", 1: "6e-08", 0x7bff: "6.55e+04", 0x6800: "2048.0"} {
		if got := h.text(); got != want {
			t.Errorf("%04x: %s, want %s", uint16(h), got, want)
		}
	}
}
