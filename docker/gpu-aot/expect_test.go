// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/docker/gpu-aot/hlo"
	"vsim/docker/gpu-aot/pjrt"
)

// flops are those of a program that multiplies in bfloat16 and in TF32.
func flops(narrow, wide float64) map[string]float64 {
	return map[string]float64{hlo.InBFloat16: narrow, hlo.InTF32: wide}
}

// sample is a result as recorded, and the expectations of it.
func sample() (Result, Expectations) {
	r := Result{Program: "pretrain/bfloat16/0", Target: "h100", Plan: pjrt.Plan{Temporaries: 1000}, Kernels: 246,
		FLOPs: flops(1, 2), Aliases: Aliases{Asked: 3, Made: 3, Unaliased: 17}}
	e := Expectations{}
	e.record([]string{"pretrain/bfloat16"}, []string{"h100"}, []Result{r})
	return r, e
}

// TestFaults: recorded and better values pass; each way of being worse is a fault that names it.
func TestFaults(t *testing.T) {
	r, e := sample()
	if faults := e.faults(r); len(faults) != 0 {
		t.Errorf("as recorded: %v", faults)
	}
	better := r
	better.Kernels, better.Temporaries, better.Aliases.Unaliased, better.FLOPs = 1, 1, 0, map[string]float64{hlo.InBFloat16: 3}
	if faults := e.faults(better); len(faults) != 0 || len(e.outgrown([]Result{better})) != 1 || len(e.outgrown([]Result{r})) != 0 {
		t.Errorf("better: %v, outgrown %v", faults, e.outgrown([]Result{better, r}))
	}
	for want, change := range map[string]func(*Result){
		"247 kernels, at most 246 may be":                                         func(r *Result) { r.Kernels++ },
		"1001 bytes of temporaries, at most 1000 may be":                          func(r *Result) { r.Temporaries++ },
		"21 bytes of results outside of the arguments' memory, at most 17 may be": func(r *Result) { r.Aliases.Unaliased += 4 },
		"2 results take the memory of an argument, 3 are to":                      func(r *Result) { r.Aliases.Made-- },
		"0.6774 of the arithmetic is in float32 or TF32, at most 0.6667 may be":   func(r *Result) { r.FLOPs = flops(1, 2.1) },
		"does not compile for h100: no kernel":                                    func(r *Result) { r.Failure = "no kernel" },
		"expect.json has no limits for it; --record adds them": func(r *Result) {
			r.Program, r.FLOPs = "pretrain/bfloat16/1", nil
		},
		"0.0150 of the arithmetic is in float32 or TF32, at most 0.0100 may be": func(r *Result) {
			r.Program, r.FLOPs = "a/bfloat16/0", flops(197, 3)
		},
	} {
		changed := r
		change(&changed)
		if faults := e.faults(changed); !slices.ContainsFunc(faults, func(f string) bool { return strings.HasSuffix(f, want) }) {
			t.Errorf("faults %q, want %q", faults, want)
		}
	}
	wide := r
	wide.Program = "pretrain/tf32/0"
	if faults := e.faults(wide); len(faults) != 1 || !strings.HasSuffix(faults[0], "--record adds them") {
		t.Errorf("TF32 outside of bfloat16: %v", faults)
	}
}

// TestMissing: a program that is no longer made is a fault, where its case was run for its card.
func TestMissing(t *testing.T) {
	r, e := sample()
	for _, c := range []struct {
		cases, targets []string
		results        []Result
		want           int
	}{
		{[]string{"pretrain/bfloat16"}, []string{"h100"}, []Result{r}, 0},
		{[]string{"pretrain/bfloat16"}, []string{"h100"}, nil, 1},
		{[]string{"pretrain/tf32"}, []string{"h100"}, nil, 0},
		{[]string{"pretrain/bfloat16"}, []string{"a100"}, nil, 0},
	} {
		if got := e.missing(c.cases, c.targets, c.results); len(got) != c.want {
			t.Errorf("%v for %v: %v", c.cases, c.targets, got)
		}
	}
}

// TestRecord: limits of what was run are replaced, others stay, and the file reads back as it was written.
func TestRecord(t *testing.T) {
	r, e := sample()
	other := Result{Program: "golden/float32/10", Target: "a100", Kernels: 1}
	e.record([]string{"golden/float32"}, []string{"a100"}, []Result{other})
	r.Kernels = 5
	e.record([]string{"pretrain/bfloat16"}, []string{"h100"}, []Result{r})
	path := filepath.Join(t.TempDir(), "expect.json")
	if err := e.write(path); err != nil {
		t.Fatal(err)
	}
	again, err := loadExpectations(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []Limit{{"golden/float32/10", "a100", 1, 0, 0, 0}, {"pretrain/bfloat16/0", "h100", 5, 1000, 17, 0.6667}}
	if !slices.Equal(again.Limits, want) || again.WideShare != 0.01 || again.About != about {
		t.Errorf("%+v", again)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != 7 {
		t.Errorf("not a limit a line (%v):\n%s", err, text)
	}
}

// TestExpectFile: the repository's own file is one that record would write.
func TestExpectFile(t *testing.T) {
	e, err := loadExpectations("expect.json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "expect.json")
	if err := e.write(path); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(path)
	if want, err := os.ReadFile("expect.json"); err != nil || string(got) != string(want) {
		t.Errorf("expect.json is not as --record writes it (%v)", err)
	}
	if e.WideShare != wideShare || e.About != about || len(e.Limits) == 0 {
		t.Errorf("wide_share %g, %d limits, %q", e.WideShare, len(e.Limits), e.About)
	}
}
