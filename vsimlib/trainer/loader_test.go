// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/synth"
)

// BenchmarkLoader makes batches of pretraining as a run does, without the device: reading, tokens, masks, arrays; videos as long as
// the competition's, in the page cache. videos/core-s counts the processor's time alone, so other programs do not matter. The
// environment variable VSIM_CORPUS names a corpus to read instead of a made-up one.
func BenchmarkLoader(b *testing.B) {
	dir := os.Getenv("VSIM_CORPUS")
	if dir == "" {
		dir = filepath.Join(b.TempDir(), "corpus")
		write := synth.Options{Out: dir, Like: synth.Competition, Pointwise: 3000, Seed: 1}
		if _, err := synth.Write(context.Background(), write); err != nil {
			b.Fatal(err)
		}
	}
	r, _ := recipe.Preset("paper")
	if err := r.Set("model.hidden_size=48"); err != nil { // its weights are not used
		b.Fatal(err)
	}
	s, err := openSource(b.Context(), Pretraining, Options{Corpus: dir, Recipe: r}.withDefaults())
	if err != nil {
		b.Fatal(err)
	}
	st, err := newPretrainStage(s)
	if err != nil {
		b.Fatal(err)
	}
	before := spent(b)
	videos := 0
	b.ReportAllocs()
	b.ResetTimer()
	for e, err := range batch.Prefetch(context.Background(), 0, b.N, batch.Ahead, st.batch) {
		if err != nil {
			b.Fatal(err)
		}
		videos += e.Videos
		if err := e.Free(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(videos)/b.Elapsed().Seconds(), "videos/s")
	b.ReportMetric(float64(videos)/(spent(b)-before).Seconds(), "videos/core-s")
}

// spent is this process's time on the processors.
func spent(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
