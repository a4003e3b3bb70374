// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends"
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
func devicePeak(backend compute.Backend, kind, name string, size int) (float64, string, error) {
	switch kind {
	case backends.CPU:
		return measuredPeak(backend, cmp.Or(size, 2048))
	case backends.Go:
		return measuredPeak(backend, cmp.Or(size, 512))
	}
	if g, ok := sheetPeak(name); ok {
		return g.peak, "data sheet, dense " + g.kind, nil
	}
	return 0, "", nil
}

// The measurement chains peakChain products in a call and takes the best of peakCalls calls.
const (
	peakChain = 4
	peakCalls = 6
)

// measuredPeak times float32 products of n×n matrices on the backend that trains.
func measuredPeak(backend compute.Backend, n int) (float64, string, error) {
	exec, err := NewExec(backend, func(x *Node) *Node {
		y := x
		for range peakChain {
			y = MulScalar(Dot(y, x).Product(), 1/float64(n))
		}
		return ReduceAllSum(y)
	})
	if err != nil {
		return 0, "", fmt.Errorf("bench: peak: %w", err)
	}
	defer exec.Finalize()
	values := make([]float32, n*n)
	for i := range values {
		values[i] = float32(i%7) - 3
	}
	best := 0.0
	for call := range 1 + peakCalls { // the first compiles
		x := tensors.FromFlatDataAndDimensions(values, n, n)
		began := time.Now()
		out, err := exec.Call(x)
		if err != nil {
			return 0, "", fmt.Errorf("bench: peak: %w", err)
		}
		_ = tensors.ToScalar[float32](out[0]) // waits for it
		took := time.Since(began).Seconds()
		if err := x.FinalizeAll(); err != nil {
			return 0, "", err
		}
		if call > 0 {
			best = max(best, peakChain*2*float64(n)*float64(n)*float64(n)/took)
		}
	}
	return best, fmt.Sprintf("measured: float32 product of %d×%d matrices, best of %d calls of %d", n, n, peakCalls, peakChain), nil
}
