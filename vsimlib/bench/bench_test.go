// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
)

// TestRun measures a tiny recipe against a peer and holds the figures to each other.
func TestRun(t *testing.T) {
	backend := backendstest.Go(t)
	r, err := Run(t.Context(), Options{Backend: backend, Device: backends.Info{Backend: backends.Go, Kind: backends.Go},
		Recipe: oddRecipe(t, ""), Steps: 2, Lengths: Competition, Against: `echo starting; echo '{"videos_per_s": 4, "device": "cpu"}'`, Rounds: 2, peakSize: 256})
	if err != nil {
		t.Fatal(err)
	}
	if r.Steps != 4 || r.Rounds != 2 || r.Batch != 3 || r.Shape.Sequence != 14 || r.Shape.ComputeDType != "float32" {
		t.Errorf("%+v", r)
	}
	if r.StepS <= 0 || r.StepMedianS < r.StepS || r.CompileS <= 0 || r.MemoryPeak <= 0 || r.PeakTFLOPS <= 0 || r.Device == "" {
		t.Errorf("%+v", r)
	}
	if r.FLOPsReal <= 0 || r.FLOPsReal >= r.FLOPs {
		t.Errorf("%g real FLOPs of %g", r.FLOPsReal, r.FLOPs)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"videos_per_s", r.VideosPerS, 3 / r.StepS}, {"tflops", r.TFLOPS, r.FLOPs / r.StepS / 1e12},
		{"mfu", r.MFU, r.TFLOPS / r.PeakTFLOPS}, {"ratio", r.Ratio, r.VideosPerS / 4}, {"peer", r.PeerVideosPerS, 4},
	} {
		if math.Abs(c.got/c.want-1) > 1e-9 {
			t.Errorf("%s %g, want %g", c.name, c.got, c.want)
		}
	}
}

// TestRunAhead: the steps that are sent ahead take the time that passes, and the best one is a mean.
func TestRunAhead(t *testing.T) {
	if testing.Short() {
		t.Skip("a compilation of XLA")
	}
	began := time.Now()
	r, err := Run(t.Context(), Options{Backend: backendstest.Asynchronous(t),
		Device: backends.Info{Backend: "xla", Kind: backends.CPU}, Recipe: oddRecipe(t, ""), Steps: 12,
		Lengths: Competition, skipPeak: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Steps != 12 || r.StepS <= 0 || r.StepS*12 > time.Since(began).Seconds() || r.StepMedianS <= 0 {
		t.Errorf("%+v", r)
	}
}

// TestMeans: of all numbers in a row, or of all where there are fewer.
func TestMeans(t *testing.T) {
	if got := means([]float64{1, 3, 2, 7}, 2); !slices.Equal(got, []float64{2, 2.5, 4.5}) {
		t.Error(got)
	}
	if got := means([]float64{1, 3}, 5); !slices.Equal(got, []float64{2}) {
		t.Error(got)
	}
}

func TestRunRefuses(t *testing.T) {
	r := oddRecipe(t, "")
	r.Model.VocabSize = 5
	if _, err := Run(t.Context(), Options{Recipe: r, Steps: 1, Lengths: Full}); err == nil ||
		!strings.Contains(err.Error(), "model.vocab_size 5 leaves no words") {
		t.Errorf("%v", err)
	}
}

func TestPeer(t *testing.T) {
	for _, c := range []struct{ command, want string }{
		{`echo no; exit 0`, "no JSON object"},
		{`echo '{"videos_per_s": 0}'`, "positive videos_per_s"},
		{`echo '{"videos_per_s": "fast"}'`, "positive videos_per_s"},
		{`true`, "no JSON object"},
		{`echo starting >&2; echo 'ImportError: no torch' >&2; exit 3`, "exit status 3: ImportError: no torch"},
		{`exec /no/such/program`, "exit status 127"},
	} {
		_, err := runPeer(t.Context(), c.command)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", c.command, err, c.want)
		}
	}
	speed, err := runPeer(t.Context(), `echo warming up; printf '{"step_s": 0.5, "videos_per_s": 64.25}\n\n'`)
	if err != nil || speed != 64.25 {
		t.Errorf("%g, %v", speed, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := runPeer(ctx, "sleep 60"); err != context.DeadlineExceeded || time.Since(began) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

func TestMedianOf(t *testing.T) {
	if got := medianOf([]float64{3, 1, 2}); got != 2 {
		t.Errorf("%g", got)
	}
	if got := medianOf([]float64{4, 1, 2, 3}); got != 2.5 {
		t.Errorf("%g", got)
	}
}

// TestFullLength: no position of a full-length batch is padding, and masks are where the recipe has them.
func TestFullLength(t *testing.T) {
	r := oddRecipe(t, "pretrain.mlm_probability=0.5")
	s, err := newSource(r, 1, Full)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.builder.Pretrain(s.videos(7), 1, 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	padded := PaddedWork(b)
	real, err := RealWork(b)
	if err != nil {
		t.Fatal(err)
	}
	if real.Videos != 3 || real.Positions != padded.Positions || real.Attended != padded.Attended || real.Frames != padded.Frames {
		t.Errorf("real %+v, padded %+v", real, padded)
	}
	if real.MaskedTokens < 1 || real.MaskedTokens > padded.MaskedTokens || real.MaskedTokens > 3*6 {
		t.Errorf("%g masked words", real.MaskedTokens)
	}
	again, err := s.builder.Pretrain(s.videos(7), 1, 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !b.Frames.Equal(again.Frames) || !b.TextIDs.Equal(again.TextIDs) {
		t.Error("the same step has another batch")
	}
}

func TestSheetPeak(t *testing.T) {
	for name, want := range map[string]float64{
		"NVIDIA H100 80GB HBM3": 989e12, "NVIDIA H100 PCIe": 756e12, "NVIDIA H200": 989e12, "NVIDIA A100-SXM4-80GB": 312e12,
		"NVIDIA L4": 121e12, "NVIDIA A10": 125e12, "Tesla V100-SXM2-16GB": 125e12, "NVIDIA GeForce RTX 4090": 165.2e12,
		"Tesla T4": 65e12, "NVIDIA A10G": 0, "NVIDIA GeForce RTX 4090 Laptop GPU": 0, "NVIDIA TITAN V": 0, "": 0,
	} {
		if g, ok := sheetPeak(name); g.peak != want || ok != (want > 0) {
			t.Errorf("%q: %g, want %g", name, g.peak, want)
		}
	}
}
