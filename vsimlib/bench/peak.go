// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/product"
)

// gpu is a data sheet's dense peak of half-precision matrix products (bfloat16, or float16 where a device has no bfloat16), in
// FLOP/s. "Dense" is half of what sheets print "with sparsity".
type gpu struct {
	name string // words that are all in the name of the device
	peak float64
	kind string
}

// gpus are from NVIDIA's data sheets as published with each product; more specific names come first.
var gpus = []gpu{
	{"B200", 2250e12, "bfloat16"},      // Blackwell B200 data sheet
	{"H200", 989e12, "bfloat16"},       // H200 data sheet: 1,979 with sparsity
	{"H100 PCIe", 756e12, "bfloat16"},  // H100 data sheet: 1,513 with sparsity
	{"H100 NVL", 835e12, "bfloat16"},   // H100 NVL data sheet: 1,671 with sparsity
	{"H100", 989e12, "bfloat16"},       // SXM5: 1,979 with sparsity
	{"A100", 312e12, "bfloat16"},       // A100 data sheet
	{"A40", 149.7e12, "bfloat16"},      // A40 data sheet
	{"A30", 165e12, "bfloat16"},        // A30 data sheet
	{"A10", 125e12, "bfloat16"},        // A10 data sheet
	{"L40S", 362e12, "bfloat16"},       // L40S data sheet: 733 with sparsity
	{"L4", 121e12, "bfloat16"},         // L4 data sheet: 242 with sparsity
	{"RTX 4090", 165.2e12, "bfloat16"}, // Ada whitepaper, float32 accumulation
	{"V100", 125e12, "float16"},        // V100 data sheet, SXM2
	{"T4", 65e12, "float16"},           // T4 data sheet
}

// sheetPeak finds a device by its name, such as "NVIDIA H100 80GB HBM3"; ok is false where it is not in the table.
func sheetPeak(name string) (g gpu, ok bool) {
	if strings.Contains(name, "Laptop") {
		return gpu{}, false // another chip under the same name
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' || r == '_' })
	for _, g := range gpus {
		if hasAll(words, strings.Fields(g.name)) {
			return g, true
		}
	}
	return gpu{}, false
}

func hasAll(words, wanted []string) bool {
	for _, want := range wanted {
		found := false
		for _, word := range words {
			found = found || strings.EqualFold(word, want)
		}
		if !found {
			return false
		}
	}
	return true
}

// devicePeak is the device's peak in FLOP/s and the source of the figure: measured where the device computes on the host, the data
// sheet's for a GPU of that name, 0 where it is unknown.
func devicePeak(backend compute.Backend, kind, name string, size int, dtype dtypes.DType) (float64, string, error) {
	switch kind {
	case backends.CPU:
		return measuredPeak(backend, cmp.Or(size, 2048), dtype)
	case backends.Go:
		return measuredPeak(backend, cmp.Or(size, 512), dtype)
	}
	if g, ok := sheetPeak(name); ok {
		return g.peak, "data sheet, dense " + g.kind, nil
	}
	return 0, "", nil
}

// The measurement chains peakChain pairs of products in a call and takes the best of peakCalls calls.
const (
	peakChain = 2
	peakCalls = 6
)

// measuredPeak is the best of several shapes of products on the backend that trains: square ones, and those of a transformer's
// layer, with a short and a long inner axis. size is the square's side and the rows of the others.
func measuredPeak(backend compute.Backend, size int, dtype dtypes.DType) (float64, string, error) {
	best, source := 0.0, ""
	for _, shape := range [][2]int{{size, size}, {size / 8, size / 2}, {3 * size / 8, 3 * size / 2}} {
		flops, err := productSpeed(backend, size, shape[0], shape[1], dtype)
		if err != nil {
			return 0, "", fmt.Errorf("bench: peak: %w", err)
		}
		if flops > best {
			best, source = flops, fmt.Sprintf("measured: %s products [%d,%d]·[%d,%d], the best of 3 shapes and %d calls",
				strings.ToLower(dtype.String()), size, shape[0], shape[0], shape[1], peakCalls)
		}
	}
	return best, source, nil
}

// productSpeed is the most FLOP/s of a chain of products [m,k]·[k,n] and back.
func productSpeed(backend compute.Backend, m, k, n int, dtype dtypes.DType) (float64, error) {
	exec, err := NewExec(backend, func(x, w *Node) *Node {
		w = ConvertDType(w, dtype)
		for range peakChain {
			y := ConvertDType(MulScalar(product.Of(ConvertDType(x, dtype), 1, nil, w, 0, nil), 1/float64(k)), dtype)
			x = ConvertDType(MulScalar(product.Of(y, 1, nil, w, 1, nil), 1/float64(n)), dtypes.Float32)
		}
		return ReduceAllSum(x)
	})
	if err != nil {
		return 0, err
	}
	defer exec.Finalize()
	x, w := tensors.FromFlatDataAndDimensions(someValues(m*k), m, k), tensors.FromFlatDataAndDimensions(someValues(k*n), k, n)
	defer func() { _, _ = x.FinalizeAll(), w.FinalizeAll() }()
	best := 0.0
	for call := range 1 + peakCalls { // the first compiles
		began := time.Now()
		out, err := exec.Call(x, w)
		if err != nil {
			return 0, err
		}
		_ = tensors.ToScalar[float32](out[0]) // waits for it
		took := time.Since(began).Seconds()
		if call > 0 {
			best = max(best, 2*peakChain*2*float64(m)*float64(k)*float64(n)/took)
		}
	}
	return best, nil
}

// someValues are n small numbers.
func someValues(n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(i%7) - 3
	}
	return values
}
