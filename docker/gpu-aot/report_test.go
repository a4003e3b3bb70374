// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"slices"
	"testing"

	"vsim/docker/gpu-aot/pjrt"
	"vsim/vsimlib/jsonfile"
)

// TestSummary: a row has its case's largest program; a later run replaces the rows of what it ran, and leaves the others.
func TestSummary(t *testing.T) {
	step := Result{Program: "pretrain/bfloat16/0", Target: "h100", Kernels: 200, FLOPs: flops(1, 0)}
	step.Plan = pjrt.Plan{CPUSeconds: 10, Peak: 7}
	small := Result{Program: "pretrain/bfloat16/1", Target: "h100", Plan: pjrt.Plan{CPUSeconds: 2, Peak: 3}, Kernels: 20}
	broken := Result{Program: "pretrain/bfloat16/2", Target: "h100", Failure: "no"}
	golden := Result{Program: "golden/float32/0", Target: "a100", Kernels: 5}
	path := filepath.Join(t.TempDir(), "summary.json")
	o := options{summary: path, out: filepath.Join(t.TempDir(), "all", "report.json")}
	for _, results := range [][]Result{{golden}, {small}, {small, step, broken}} {
		if err := report(o, results, []string{"a fault"}); err != nil {
			t.Fatal(err)
		}
	}
	var got summary
	if err := jsonfile.ReadStrict(path, &got); err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{Case: "pretrain", Arithmetic: "bfloat16", Target: "h100", Programs: 3, Compiled: 2,
			CPUSeconds: 12, Peak: 7, Kernels: 200, FLOPs: 1},
		{Case: "golden", Arithmetic: "float32", Target: "a100", Programs: 1, Compiled: 1, Kernels: 5},
	}
	if !slices.Equal(got.Rows, want) {
		t.Errorf("%+v", got.Rows)
	}
	var r Report
	if err := jsonfile.ReadStrict(o.out, &r); err != nil || r.OK || len(r.Programs) != 3 || r.Faults[0] != "a fault" {
		t.Errorf("%+v (%v)", r, err)
	}
}

// TestSummaryFile: the committed summary has a row for each case in expect.json, with all of its programs, and all of them
// compiled.
func TestSummaryFile(t *testing.T) {
	var s summary
	if err := jsonfile.ReadStrict("summary.json", &s); err != nil {
		t.Fatal(err)
	}
	e, err := loadExpectations("expect.json")
	if err != nil {
		t.Fatal(err)
	}
	limits := map[string]int{}
	for _, l := range e.Limits {
		limits[caseOf(l.Program)+" "+l.Target]++
	}
	for _, row := range s.Rows {
		key := row.Case + "/" + row.Arithmetic + " " + row.Target
		if row.Compiled != row.Programs || row.Programs != limits[key] {
			t.Errorf("%s: %d of %d programs compiled, expect.json has limits for %d", key, row.Compiled, row.Programs, limits[key])
		}
		delete(limits, key)
	}
	if len(limits) > 0 {
		t.Errorf("no rows for %v", limits)
	}
}
