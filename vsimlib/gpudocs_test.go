// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// gpuStep is what `vsim bench`, or a peer, measured of a training step.
type gpuStep struct {
	Step       float64 `json:"step_s"`
	StepMedian float64 `json:"step_median_s"` // vsim's alone
	Speed      float64 `json:"videos_per_s"`
	Median     float64 `json:"videos_per_s_median"`
	TFLOPS     float64 `json:"tflops"`
	MFU        float64 `json:"mfu"`
	Memory     float64 `json:"memory_peak_bytes"`
}

// cells are the cells of the step's time and of its videos per second, with medians; bold is "**" for the row that counts.
func (s gpuStep) cells(bold string) string {
	median := s.StepMedian
	if median == 0 {
		median = 128 / s.Median
	}
	return fmt.Sprintf("| %s%.1f ms%s (%.1f) | %s%s%s (%s) | ", bold, s.Step*1e3, bold, median*1e3,
		bold, thousands(s.Speed), bold, thousands(s.Median))
}

// thousands writes a number with a comma, as 2,521.
func thousands(x float64) string { return fmt.Sprintf("%d,%03d", int(x+.5)/1000, int(x+.5)%1000) }

// gpuSteps reads what an H100 measured: the main bench of each run, the last result of every part, and by flag the medians of the
// runs of the same program.
func gpuSteps(t *testing.T) (runs []gpuStep, last map[string]gpuStep, flags map[string][]float64) {
	t.Helper()
	type part struct {
		Part   string
		Flag   string
		Result gpuStep
	}
	var file struct {
		Runs []struct{ Parts, Flags []part }
	}
	if err := json.Unmarshal([]byte(readFile(t, "data/results/gpu-h100.json")), &file); err != nil {
		t.Fatal(err)
	}
	last, flags = map[string]gpuStep{}, map[string][]float64{}
	for _, r := range file.Runs {
		for _, p := range r.Parts {
			if last[p.Part] = p.Result; p.Part == "bfloat16" {
				runs = append(runs, p.Result)
			}
		}
		for _, p := range r.Flags {
			flags[p.Flag] = append(flags[p.Flag], p.Result.StepMedian)
		}
	}
	return runs, last, flags
}

// lacks reports the texts that a page should have and has not.
func lacks(t *testing.T, page string, texts ...string) {
	t.Helper()
	all := readFile(t, page)
	for _, text := range texts {
		if !strings.Contains(all, text) {
			t.Errorf("%s lacks %q", page, text)
		}
	}
}

// TestFiguresOfGPU holds the figures of the pages that an H100 measured to what it wrote.
func TestFiguresOfGPU(t *testing.T) {
	runs, last, flags := gpuSteps(t)
	both, cublas := flags[""], flags["--xla_gpu_enable_triton_gemm=false"]
	if len(runs) != 3 || len(both) != 3 || len(cublas) != 3 {
		t.Fatalf("%d runs, %v, %v", len(runs), both, cublas)
	}
	slices.Sort(both)
	slices.Sort(cublas)
	now := runs[2]
	want := []string{
		now.cells("**") + fmt.Sprintf("%.0f TFLOP/s, %.0f%% of the data sheet's 989", now.TFLOPS, now.MFU*100),
		fmt.Sprintf("**%.1f ms instead of %.1f**", cublas[1]*1e3, both[1]*1e3),
	}
	for _, m := range runs[:2] {
		want = append(want, m.cells("")+fmt.Sprintf("%.0f TFLOP/s |", m.TFLOPS))
	}
	eager, compiled, jax := last["torch"], last["torch compiled"], last["jax"]
	for name, m := range map[string]gpuStep{"PyTorch eager": eager, "torch.compile": compiled, "JAX": jax} {
		want = append(want, m.cells("")+fmt.Sprintf("| **%.2f** (%.2f) times %s |", now.Speed/m.Speed, now.Median/m.Median, name))
	}
	for _, name := range []string{"checkpointing", "lengths", "batch512"} {
		m := last[name]
		want = append(want, fmt.Sprintf("| %.1f ms | %s | %.0f TFLOP/s", m.Step*1e3, thousands(m.Speed), m.TFLOPS),
			fmt.Sprintf("| %.1f GB |", m.Memory/1e9))
	}
	lacks(t, "vsimlib/docs/performance.md", want...)
	lacks(t, "vsimlib/docs/backends.md",
		fmt.Sprintf("%s videos/s, %.2f times PyTorch eager with a tuned step, %.2f times torch.compile (medians %.2f) and %.2f times JAX",
			thousands(now.Speed), now.Speed/eager.Speed, now.Speed/compiled.Speed, now.Median/compiled.Median, now.Speed/jax.Speed))
	lacks(t, "README.md",
		fmt.Sprintf("is %.2f times as fast in bfloat16 as PyTorch eager, %.2f times as JAX,", now.Speed/eager.Speed, now.Speed/jax.Speed))
	lacks(t, "notebooks/README.md", fmt.Sprintf("| one H100, bfloat16 | %.0f TFLOP/s |", now.TFLOPS)) // the hours are package bench's
}

// TestKernelsOfGPU holds the table of a step's parts to the records of its kernels, of the first program and of now.
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
	type sum struct {
		launches int
		ms       float64
	}
	sums := map[string]map[string]sum{"first": {}, "now": {}}
	all := map[string]float64{}
	for _, row := range rows[1:] {
		n, e1 := strconv.Atoi(row[3])
		took, e2 := strconv.ParseFloat(row[4], 64)
		name, of := names[row[1]], sums[row[0]]
		if e1 != nil || e2 != nil || name == "" || of == nil {
			t.Fatalf("row %v", row)
		}
		of[name] = sum{of[name].launches + n, of[name].ms + took}
		all[row[0]] += took
	}
	want := []string{
		fmt.Sprintf("%.1f ms in the kernels of the first program", all["first"]), fmt.Sprintf("%.1f ms in those of now", all["now"]),
	}
	for name, first := range sums["first"] {
		now := sums["now"][name]
		want = append(want, fmt.Sprintf("| %s | %.1f | %d | %.1f | %d |", name, first.ms, first.launches, now.ms, now.launches))
	}
	lacks(t, "vsimlib/docs/performance.md", want...)
}
