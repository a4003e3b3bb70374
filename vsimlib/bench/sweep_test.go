// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/outdir"
)

func TestGrowth(t *testing.T) {
	at := func(flops, seconds float64) Result { return Result{FLOPs: flops, StepS: seconds} }
	for want, along := range map[float64][]Result{
		1:   {at(2e9, 2), at(1e9, 1), at(4e9, 4)},
		2:   {at(1e9, 1), at(2e9, 9), at(4e9, 16)},
		0.5: {at(4e9, 2), at(1e9, 1)},
	} {
		if got, ok := growth(along); !ok || math.Abs(got-want) > 1e-12 {
			t.Errorf("%g, want %g", got, want)
		}
	}
	for _, along := range [][]Result{{at(1e9, 3)}, {at(1e9, 3), at(1.4e9, 9)}} {
		if got, ok := growth(along); ok {
			t.Errorf("%v: %g", along, got)
		}
	}
}

// TestSweep runs on the Go backend, which need not compile: a layer cannot be halved, all else is halved and doubled.
func TestSweep(t *testing.T) {
	r := oddRecipe(t, "")
	m := &r.Model
	m.NumHiddenLayers, m.HiddenSize, m.IntermediateSize, m.NumAttentionHeads = 1, 8, 12, 2
	m.MaxText, m.MaxFrames, r.Pretrain.Batch = 8, 4, 4
	s, err := RunSweep(t.Context(), Options{Backend: backendstest.Go(t),
		Device: backends.Info{Backend: backends.Go, Kind: backends.Go}, Recipe: r, Steps: 1, Lengths: Full, peakSize: 32})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range s.Points {
		got = append(got, p.Vary)
		if p.StepS <= 0 || p.MFU <= 0 {
			t.Errorf("%+v", p)
		}
	}
	if want := "base layers width width batch batch sequence sequence"; strings.Join(got, " ") != want {
		t.Errorf("points %v, want %s", got, want)
	}
	if p := s.Points[2]; p.Value != 4 || p.Shape.Hidden != 4 || p.Batch != 4 {
		t.Errorf("half the width: %+v", p)
	}
	dir := t.TempDir()
	if err := s.Write(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "sweep.md"))
	if err != nil || strings.Count(string(text), "\n| ") != 1+len(s.Points) || !strings.Contains(string(text), "(1 is linear)") {
		t.Errorf("%v: %s", err, text)
	}
	for name, kind := range SweepFiles {
		if err := outdir.CheckFile(filepath.Join(dir, name), kind); err != nil {
			t.Errorf("its own file: %v", err)
		}
	}
}
