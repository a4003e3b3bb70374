// SPDX-License-Identifier: Apache-2.0

package score

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/dense"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/study/task"
)

// generated are models of the same videos that agree in part: each has a random projection of common factors of falling sizes, a
// mean and noise of its own. A label is near the cosine of two videos' factors, rounded to 21 levels.
func generated(tb testing.TB, models, videos, dim, pairs int) *Members {
	tb.Helper()
	const factors = 320
	draw := rand.New(rand.NewPCG(2021, 1))
	latent := make([]float32, videos*factors)
	for i := range latent {
		latent[i] = float32(draw.NormFloat64() / math.Sqrt(1+float64(i%factors)))
	}
	m := &Members{}
	for range models {
		mix, mean := make([]float32, factors*dim), make([]float32, dim)
		for i := range mix {
			mix[i] = float32(draw.NormFloat64())
		}
		for i := range mean {
			mean[i] = float32(2 * draw.NormFloat64())
		}
		set := &embeddings.Set{Dim: dim, Data: make([]float32, videos*dim)}
		for i := range videos {
			set.IDs = append(set.IDs, int64(1000+i))
			for j := range dim {
				set.Data[i*dim+j] = mean[j] + float32(.5*draw.NormFloat64())
			}
		}
		dense.Add(set.Data, dim, latent, factors, videos, dense.Pack(nil, mix, dim, factors, dim))
		m.sets = append(m.sets, set)
	}
	for range pairs {
		a, b := draw.IntN(videos), draw.IntN(videos)
		cosine := evaluate.Cosine(latent[a*factors:(a+1)*factors], latent[b*factors:(b+1)*factors])
		score := math.Round(20*min(1, max(0, .5+cosine+.2*draw.NormFloat64()))) / 20
		m.pairs = append(m.pairs, corpus.Pair{A: m.sets[0].IDs[a], B: m.sets[0].IDs[b], Score: score})
		m.Labels = append(m.Labels, score)
	}
	for _, set := range m.sets {
		cosines, err := evaluate.Cosines(set, m.pairs)
		if err != nil {
			tb.Fatal(err)
		}
		m.Cosines = append(m.Cosines, cosines)
	}
	return m
}

// BenchmarkEnsembles is the ensemble study at the competition's size: 63 subsets of six models of 43,027 videos, SVD to 256. With
// VSIM_BENCH_DIR, the embeddings, pairs and scores are written there, for data/bench_ensemble.py.
func BenchmarkEnsembles(b *testing.B) {
	m := generated(b, 6, 43027, 256, 67899)
	e := &task.EnsembleWork{Members: []int{1, 2, 3, 4, 5, 6}, Dims: []int{256}}
	start := cpuSeconds(b)
	for b.Loop() {
		list, err := subsets(context.Background(), e, m, nil, func(float64) {})
		if err != nil {
			b.Fatal(err)
		}
		if dir := os.Getenv("VSIM_BENCH_DIR"); dir != "" {
			write(b, dir, m, list)
		}
	}
	b.ReportMetric((cpuSeconds(b)-start)/float64(b.N), "cpu-s/op")
}

// cpuSeconds is the CPU time of this process.
func cpuSeconds(tb testing.TB) float64 {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

func write(tb testing.TB, dir string, m *Members, scores any) {
	tb.Helper()
	for i, set := range m.sets {
		if err := set.Write(filepath.Join(dir, fmt.Sprintf("member%d.safetensors", i+1))); err != nil {
			tb.Fatal(err)
		}
	}
	var lines strings.Builder
	for _, p := range m.pairs {
		fmt.Fprintf(&lines, "%d\t%d\t%g\n", p.A, p.B, p.Score)
	}
	text, err := json.Marshal(scores)
	if err != nil {
		tb.Fatal(err)
	}
	for name, data := range map[string][]byte{"label.tsv": []byte(lines.String()), "vsim.json": text} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}
