// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// TestFiguresOfGPU holds the figures of the pages that an H100 measured to what it wrote.
func TestFiguresOfGPU(t *testing.T) {
	type measured struct {
		Step   float64 `json:"step_s"`
		Speed  float64 `json:"videos_per_s"`
		Median float64 `json:"videos_per_s_median"`
		TFLOPS float64 `json:"tflops"`
	}
	var file struct {
		Runs []struct {
			Parts []struct {
				Part   string
				Result measured
			}
			Peers []struct{ Result measured }
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, "data/results/gpu-h100.json")), &file); err != nil {
		t.Fatal(err)
	}
	var vsim []measured
	for _, l := range file.Runs {
		for _, p := range l.Parts {
			if p.Part == "bfloat16" {
				vsim = append(vsim, p.Result)
			}
		}
	}
	if len(vsim) != 2 || len(file.Runs[0].Peers) != 1 {
		t.Fatalf("%+v", file)
	}
	peer := file.Runs[0].Peers[0].Result
	thousands := func(x float64) string { return fmt.Sprintf("%d,%03d", int(x+.5)/1000, int(x+.5)%1000) }
	page := readFile(t, "vsimlib/docs/performance.md")
	for _, want := range []string{
		fmt.Sprintf("%.1f ms", vsim[0].Step*1e3), thousands(vsim[0].Speed), fmt.Sprintf("%.0f TFLOP/s", vsim[0].TFLOPS),
		fmt.Sprintf("**%.1f ms**", vsim[1].Step*1e3), thousands(vsim[1].Speed), fmt.Sprintf("%.0f TFLOP/s", vsim[1].TFLOPS),
		fmt.Sprintf("%.1f ms", peer.Step*1e3), thousands(peer.Speed), fmt.Sprintf("**%.2f** times PyTorch", vsim[1].Speed/peer.Speed),
		fmt.Sprintf("(medians %.2f)", vsim[1].Median/peer.Median),
	} {
		if !strings.Contains(page, want) {
			t.Errorf("performance.md lacks %q", want)
		}
	}
	if page := readFile(t, "vsimlib/docs/backends.md"); !strings.Contains(page, thousands(vsim[1].Speed)+" videos/s, "+
		fmt.Sprintf("%.2f times PyTorch eager", vsim[1].Speed/peer.Speed)) {
		t.Error("backends.md has other figures")
	}
	row := fmt.Sprintf("| one H100, bfloat16 | %.0f TFLOP/s |", vsim[1].TFLOPS) // the hours are package bench's
	if !strings.Contains(readFile(t, "notebooks/README.md"), row) {
		t.Errorf("notebooks/README.md lacks %q", row)
	}
}

// TestKernelsOfGPU holds the table of a step's parts to the record of its kernels.
func TestKernelsOfGPU(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(readFile(t, "data/results/gpu-h100-kernels.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{
		"linear products (Triton)": "products of linear layers", "linear products (cuBLAS)": "products of linear layers",
		"rows": "rows: LayerNorm, residuals, dropout, and their gradients", "heads made contiguous": "heads made contiguous, and back",
		"GELU": "GELU and its gradient", "attention products": "products of attention", "AdamW": "AdamW",
		"small": "sums of gradients, small", "random numbers": "random numbers of dropout", "softmax and masks": "softmax, masks",
		"weights to bfloat16": "weights to bfloat16, copies", "copies": "weights to bfloat16, copies",
	}
	launches, ms := map[string]int{}, map[string]float64{}
	for _, row := range rows[1:] {
		n, e1 := strconv.Atoi(row[2])
		took, e2 := strconv.ParseFloat(row[3], 64)
		if name := names[row[0]]; e1 != nil || e2 != nil || name == "" {
			t.Fatalf("row %v", row)
		} else {
			launches[name], ms[name] = launches[name]+n, ms[name]+took
		}
	}
	page, all := readFile(t, "vsimlib/docs/performance.md"), 0.
	for name := range ms {
		all += ms[name]
		if row := fmt.Sprintf("| %s | %.1f | %d |", name, ms[name], launches[name]); !strings.Contains(page, row) {
			t.Errorf("performance.md lacks %q", row)
		}
	}
	if text := fmt.Sprintf("before the changes: %.1f ms", all); !strings.Contains(page, text) {
		t.Errorf("performance.md lacks %q", text)
	}
}
