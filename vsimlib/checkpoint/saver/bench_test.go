// SPDX-License-Identifier: Apache-2.0

package saver

import (
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/optim"
)

// BenchmarkStall times Start, for which training waits, on a state of 672 MiB, with and without Prepare, and what follows in the
// background.
func BenchmarkStall(b *testing.B) {
	store := model.NewStore()
	for _, scope := range []string{checkpoint.Root, optim.FirstMoments + "/", optim.SecondMoments + "/"} {
		for _, name := range []string{"a", "b", "c", "d"} {
			values := make([]float32, 14<<20)
			for i := range values {
				values[i] = float32(i)
			}
			store.VariableWithValue(scope+name, tensors.FromFlatDataAndDimensions(values, len(values)))
		}
	}
	for _, prepared := range []bool{true, false} {
		name := map[bool]string{true: "prepared", false: "bare"}[prepared]
		b.Run(name, func(b *testing.B) {
			s, step := New(b.TempDir()), 0
			stall, behind := time.Duration(0), time.Duration(0)
			for b.Loop() {
				if prepared {
					s.Prepare(store)
					time.Sleep(3 * time.Second) // of training
				}
				step++
				began := time.Now()
				s.Start(store, Save{Step: step})
				copied := time.Now()
				if o := s.Wait()[0]; o.Err != nil {
					b.Fatal(o.Err)
				}
				stall, behind = stall+copied.Sub(began), behind+time.Since(copied)
			}
			b.ReportMetric(stall.Seconds()/float64(step), "stall-s/op")
			b.ReportMetric(behind.Seconds()/float64(step), "behind-s/op")
		})
	}
}
