// SPDX-License-Identifier: Apache-2.0

package step

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/multimodal"
)

// BenchmarkOptions reports the processor seconds of a step of demo, of full-length videos at the competition's sizes, with each
// setting that the presets leave off:
//
//	go test ./vsimlib/step -run xxx -bench Options -benchtime 50x
func BenchmarkOptions(b *testing.B) {
	for _, c := range []struct {
		stage memplan.Stage
		set   string
	}{
		{memplan.Pretrain, ""}, {memplan.Pretrain, "pretrain.layer_decay=0.8"}, {memplan.Pretrain, "pretrain.ema=0.99"},
		{memplan.Pretrain, "pretrain.mfm_temperature=0.1"},
		{memplan.Finetune, ""}, {memplan.Finetune, "finetune.layer_decay=0.8"}, {memplan.Finetune, "finetune.ema=0.99"},
		{memplan.Finetune, "finetune.teacher=e finetune.weight_teacher=0.5"},
	} {
		b.Run(strings.TrimSpace(string(c.stage)+" "+c.set), func(b *testing.B) {
			r := planRecipe(b, "demo", strings.Fields(c.set))
			on, err := NewDevices(backendstest.XLA(b), 1)
			if err != nil {
				b.Fatal(err)
			}
			store, err := multimodal.NewStore(r.Model, 1)
			if err != nil {
				b.Fatal(err)
			}
			config := PretrainConfig(r, on, store)
			if c.stage == memplan.Finetune {
				config = FinetuneConfig(r, on, store)
			}
			config.Optim.TotalSteps, config.Optim.Warmup = 1000, 60
			s, err := New(config)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			batch := fullBatch(b, r, c.stage)
			n := 0
			advance := func() {
				batch = batch.At(n, config.Optim.Rates(n, n+1))
				if err := s.Upload(batch); err != nil {
					b.Fatal(err)
				}
				if _, err := s.Advance(batch); err != nil {
					b.Fatal(err)
				}
				n++
			}
			advance() // compiles
			advance()
			before := processor(b)
			for b.Loop() {
				advance()
			}
			b.ReportMetric((processor(b)-before).Seconds()/float64(b.N), "cpu-s/op")
		})
	}
}

// processor is the time of this process on all processors, in the system too.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
