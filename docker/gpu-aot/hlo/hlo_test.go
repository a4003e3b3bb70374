// SPDX-License-Identifier: Apache-2.0

package hlo

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// small is testdata/small.mlir compiled for an H100 by aotc with the pinned plugin, without the module's configuration, which
// names folders.
func small(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/small.hlo")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestSmall reads a program of five kernels of which all numbers can be counted by hand.
func TestSmall(t *testing.T) {
	m, err := Parse(small(t))
	if err != nil {
		t.Fatal(err)
	}
	kernels, err := m.Kernels()
	if err != nil {
		t.Fatal(err)
	}
	const square = 64 * 64 * 4
	want := []Kernel{
		{"gemm_fusion_dot.3", 64*32*2 + 64*64*2, []Multiply{{InBFloat16, 2 * 64 * 64 * 32}}},
		{"loop_add_fusion", square + 64*64*2 + square, nil},
		{"gemm_fusion_dot.4", 2 * square, []Multiply{{InTF32, 2 * 64 * 64 * 64}}},
		{"gemm_fusion_dot.5", 3 * square, []Multiply{{InFloat32, 2 * 64 * 64 * 64}}},
		{"wrapped_gather", 2*8*64*4 + 8*4, nil}, // of the table of a MiB only the rows
	}
	if len(kernels) != len(want) {
		t.Fatalf("%+v", kernels)
	}
	for i, k := range kernels {
		if k.Name != want[i].Name || k.Bytes != want[i].Bytes || !slices.Equal(k.Dots, want[i].Dots) {
			t.Errorf("kernel %d is %+v, want %+v", i, k, want[i])
		}
	}
	// Alive at once are the product in bfloat16, or the one in TF32: the second is larger.
	if live := m.LiveAtPeak(); !maps.Equal(live, map[string]int64{"f32": square}) {
		t.Errorf("live at the peak: %v", live)
	}
	if bytes, err := m.Unaliased(); err != nil || bytes != square+8*64*4 || len(m.Aliases) != 1 || m.Aliases[0].Argument != 0 {
		t.Errorf("%d bytes of results have memory of their own (%v), aliases %+v", bytes, err, m.Aliases)
	}
}

// TestTorn: a program that ends too early, at whatever byte, or has another byte changed is an error or another program, never a
// panic.
func TestTorn(t *testing.T) {
	whole := small(t)
	read := func(data []byte) {
		m, err := Parse(data)
		if err != nil {
			return
		}
		_, _ = m.Kernels()
		_, _ = m.Unaliased()
		m.LiveAtPeak()
	}
	for n := range whole {
		if _, err := Parse(whole[:n]); err == nil {
			t.Fatalf("%d of %d bytes are read without an error", n, len(whole))
		}
	}
	for n := range whole {
		changed := bytes.Clone(whole)
		changed[n] ^= 0x55
		read(changed)
	}
}

// message is a protobuf message in the making.
type message []byte

func (m message) int(number protowire.Number, v int64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, number, protowire.VarintType), uint64(v))
}

func (m message) bytes(number protowire.Number, data string) message {
	return protowire.AppendString(protowire.AppendTag(m, number, protowire.BytesType), data)
}

func (m message) message(number protowire.Number, inner message) message {
	return m.bytes(number, string(inner))
}

// floats is the shape of a float32 array.
func floats(dims ...int64) message {
	m := message{}.int(2, int64(F32))
	for _, d := range dims {
		m = m.int(3, d)
	}
	return m
}

// instruction is one of an id, with operands.
func instruction(id int64, opcode string, shape message, operands ...int64) message {
	m := message{}.bytes(1, fmt.Sprintf("%s.%02d", opcode, id)).bytes(2, opcode).message(3, shape).int(35, id)
	for _, o := range operands {
		m = m.int(36, o)
	}
	return m
}

// program has one entry computation, 1, of instructions, the last of which is the root, and may have others.
func program(entry []message, others ...message) []byte {
	c := message{}.bytes(1, "entry").int(5, 1).int(6, int64(len(entry)))
	for _, i := range entry {
		c = c.message(2, i)
	}
	m := message{}.bytes(1, "made")
	for _, other := range others {
		m = m.message(3, other)
	}
	return message{}.message(1, m.message(3, c).int(6, 1))
}

// gemm is the configuration of a call of cuBLAS, as XLA writes it.
const gemm = `{"gemm_backend_config":{"alpha_real":1,"dot_dimension_numbers":{"lhs_contracting_dimensions":["1"],` +
	`"rhs_contracting_dimensions":["0"]},"precision_config":{"operand_precision":["DEFAULT","DEFAULT"],"algorithm":"ALG_UNSET"}}}`

// TestLibraryCall: a product by cuBLAS has a work space next to its result, and its dimensions in its configuration.
func TestLibraryCall(t *testing.T) {
	result := message{}.int(2, int64(Tuple)).message(4, floats(8, 32)).message(4, message{}.int(2, 2).int(3, 4096))
	call := instruction(3, "custom-call", result, 1, 2).bytes(28, "__cublas$lt$matmul")
	entry := []message{instruction(1, "parameter", floats(8, 16)).int(9, 0), instruction(2, "parameter", floats(16, 32)).int(9, 1)}
	const failed = "error: custom-call.03: configuration of __cublas$lt$matmul: "
	for config, want := range map[string]string{
		gemm: InTF32,
		strings.Replace(gemm, `"DEFAULT","DEFAULT"`, `"HIGHEST","HIGHEST"`, 1):  InFloat32,
		strings.Replace(gemm, "ALG_UNSET", "ALG_DOT_F32_F32_F32", 1):            InFloat32,
		strings.Replace(gemm, `"lhs_contracting_dimensions":["1"]`, `"x":1`, 1): failed + "no dimensions",
		"no JSON": failed + "invalid character",
		strings.Replace(gemm, `["1"]`, `["7"]`, 1): failed + "sums over dimension 7 of 2",
	} {
		m, err := Parse(program(append(entry[:2:2], call.bytes(43, config))))
		if err != nil {
			t.Fatal(err)
		}
		kernels, err := m.Kernels()
		if text, isError := strings.CutPrefix(want, "error: "); isError {
			if err == nil || !strings.HasPrefix(err.Error(), text) {
				t.Errorf("%s: error %v, want %s", config, err, text)
			}
			continue
		}
		if err != nil || len(kernels) != 1 || len(kernels[0].Dots) != 1 || kernels[0].Dots[0] != (Multiply{want, 2 * 8 * 32 * 16}) {
			t.Errorf("%s: %+v (%v), want %s", config, kernels, err, want)
		}
	}
}

// TestLoop: kernels inside a loop are counted, once; what it runs but launches nothing is not.
func TestLoop(t *testing.T) {
	body := message{}.bytes(1, "body").int(5, 2).int(6, 2).
		message(2, instruction(1, "parameter", floats(4))).message(2, instruction(2, "copy", floats(4), 1))
	entry := []message{instruction(1, "parameter", floats(4)), instruction(2, "while", floats(4), 1).int(38, 2),
		instruction(3, "bitcast", floats(2, 2), 2)}
	m, err := Parse(program(entry, body))
	if err != nil {
		t.Fatal(err)
	}
	kernels, err := m.Kernels()
	if err != nil || len(kernels) != 1 || kernels[0].Bytes != 32 {
		t.Errorf("%+v (%v)", kernels, err)
	}
}

// TestSlices: a fusion that reads one of three parts of its operand, after a bitcast and a conversion, moves the bytes of that
// part; one that reads the part and then everything moves everything, once. One that only converts moves everything.
func TestSlices(t *testing.T) {
	halves := func(dims ...int64) message { // a shape in bfloat16
		m := message{}.int(2, int64(BFloat16))
		for _, d := range dims {
			m = m.int(3, d)
		}
		return m
	}
	part := []message{instruction(1, "parameter", halves(30)).int(9, 0), instruction(2, "bitcast", halves(3, 10), 1),
		instruction(3, "convert", floats(3, 10), 2), instruction(4, "slice", floats(1, 10), 3)}
	for _, c := range []struct {
		inner  []message
		root   int64
		result message
		want   int64
	}{
		{part, 4, floats(1, 10), 10*2 + 10*4},
		{append(part[:4:4], instruction(5, "negate", floats(3, 10), 3)), 4, floats(1, 10), 30*2 + 10*4},
		{part[:3], 3, floats(3, 10), 30*2 + 30*4},
		{part[:2], 2, halves(3, 10), 30*2 + 30*2},
	} {
		body := message{}.bytes(1, "body").int(5, 2).int(6, c.root)
		for _, i := range c.inner {
			body = body.message(2, i)
		}
		entry := []message{instruction(1, "parameter", halves(30)).int(9, 0), instruction(2, "fusion", c.result, 1).int(38, 2)}
		m, err := Parse(program(entry, body))
		if err != nil {
			t.Fatal(err)
		}
		if kernels, err := m.Kernels(); err != nil || len(kernels) != 1 || kernels[0].Bytes != c.want {
			t.Errorf("%+v (%v), want %d bytes", kernels, err, c.want)
		}
	}
}

// TestConvolution: arithmetic that is not counted must not pass for none.
func TestConvolution(t *testing.T) {
	m, err := Parse(program([]message{instruction(1, "parameter", floats(4)), instruction(2, "convolution", floats(4), 1, 1)}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Kernels(); err == nil || !strings.Contains(err.Error(), "convolution.02: a convolution") {
		t.Errorf("error %v", err)
	}
}

// TestDangling: what refers to nothing is an error that names it.
func TestDangling(t *testing.T) {
	for want, data := range map[string][]byte{
		"HLO program: entry: copy.01: operand 9 does not exist":     program([]message{instruction(1, "copy", floats(4), 9)}),
		"HLO program: entry: call.01: computation 9 does not exist": program([]message{instruction(1, "call", floats(4)).int(38, 9)}),
		"HLO program: entry: root 0 does not exist":                 program(nil),
		"HLO program: no entry computation":                         message{}.message(1, message{}.bytes(1, "empty")),
	} {
		if _, err := Parse(data); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
