// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/docker/gpu-aot/pjrt"
)

// TestGate is the part of the check that a test has time for: all programs under bfloat16, golden cases left out, for an H100,
// and those of pretraining for an A100, which is the other architecture. Then it compiles the pretraining step without the alias
// of one weight, which is a fault.
func TestGate(t *testing.T) {
	kit := kitForTest(t)
	ctx := context.Background()
	o, err := parse([]string{"--arithmetic", "bfloat16", "--targets", "h100", "--work", t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if o.root, err = root(ctx); err != nil {
		t.Fatal(err)
	}
	o.out = filepath.Join(o.work, "gpu-aot.json")
	o.cases = slices.DeleteFunc(o.cases, func(name string) bool { return name == "golden" })
	other := o
	other.cases, other.targets = []string{"pretrain"}, []string{"a100"}
	for _, o := range []options{o, other} {
		if faults, err := check(ctx, o); err != nil || len(faults) > 0 {
			t.Fatalf("faults %q (%v)", faults, err)
		}
	}

	step := withoutAlias(t, filepath.Join(o.work, "run-bfloat16", "recorded", "pretrain", "0"))
	tools, err := pjrt.Build(ctx, filepath.Join(o.work, "bin"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := compile(ctx, tools, kit, filepath.Join(o.work, "compiled"), job{"pretrain/bfloat16/0", "h100", step})
	if err != nil {
		t.Fatal(err)
	}
	e, err := loadExpectations("expect.json")
	if err != nil {
		t.Fatal(err)
	}
	lost := func(fault string) bool {
		return strings.Contains(fault, "bytes of results outside of the arguments' memory")
	}
	if faults := e.faults(r); !slices.ContainsFunc(faults, lost) {
		t.Errorf("without an alias: faults %q", faults)
	}
}

// withoutAlias is the first program of a folder, without the alias of the word embeddings.
func withoutAlias(t *testing.T, dir string) pjrt.Program {
	t.Helper()
	programs, err := pjrt.Recorded(dir)
	if err != nil {
		t.Fatal(err)
	}
	step := programs[0]
	const shape = "tensor<21128x32xf32>"
	before, after, found := strings.Cut(string(step.Code), shape+" { tf.aliasing_output = ")
	_, after, closed := strings.Cut(after, "}")
	if !found || !closed {
		t.Fatal("the step has no alias of the word embeddings")
	}
	step.Code = []byte(before + shape + after)
	return step
}
