// SPDX-License-Identifier: Apache-2.0

package card

import (
	"strings"
	"testing"
)

// TestCards: both architectures that the check is for have a card, and what the peaks say agrees with the cards' facts.
func TestCards(t *testing.T) {
	capabilities := map[string]bool{}
	for name, c := range Cards {
		capabilities[c.Capability()] = true
		// Outside of tensor cores each FP32 core does a multiply and an add a clock; the data sheets' clock is a little lower than
		// the drivers'.
		flops := float64(c.Multiprocessors*c.FP32Cores) * 2 * c.GHz * 1e9
		if flops < c.Peaks.Float32*0.99 || flops > c.Peaks.Float32*1.05 {
			t.Errorf("%s: %g FLOPs in float32 by its cores, %g by its data sheet", name, flops, c.Peaks.Float32)
		}
		if c.Peaks.BFloat16 != 2*c.Peaks.TF32 {
			t.Errorf("%s: TF32 has half the rate of bfloat16", name)
		}
		if target := c.Target(); strings.Count(target, "{") != strings.Count(target, "}") || strings.Contains(target, "%!") {
			t.Errorf("%s: %s", name, target)
		}
	}
	if !capabilities["sm_80"] || !capabilities["sm_90"] {
		t.Errorf("%v", capabilities)
	}
}
