// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"math"
	"testing"
)

// TestFrameTemperature: a temperature changes the loss of masked frames and no other one of the first step, in training and in
// validation. At a temperature that makes all cosines equal, the loss is the logarithm of the number of real frames, so the same at
// each validation.
func TestFrameTemperature(t *testing.T) {
	train := func(temperature string) (first map[string][]float64, val float64) {
		o := goOptions(t, append(noDropout, "pretrain.epochs=1", "pretrain.val_every=0", "pretrain.mfm_temperature="+temperature)...)
		r, err := Pretrain(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return lossLines(t, o.Out), r.Val["val_loss_mfm"]
	}
	plain, _ := train("0")
	sharp, _ := train("0.1")
	flat, val := train("100")
	for _, name := range []string{"loss_tag", "loss_mlm"} {
		nearLosses(t, sharp[name][:1], plain[name][:1], 1e-6)
	}
	for i, loss := range plain["loss_mfm"] {
		if loss == 0 {
			continue // no frame is masked
		}
		if math.Abs(sharp["loss_mfm"][i]-loss) < 1e-3 {
			t.Errorf("step %d: %g with a temperature, %g without", i+1, sharp["loss_mfm"][i], loss)
		}
		frames := math.Exp(flat["loss_mfm"][i])
		if math.Abs(frames-math.Round(frames)) > 0.02*frames || frames > 18.5 { // 6 videos of at most 3 frames
			t.Errorf("step %d: %g frames", i+1, frames)
		}
	}
	if val <= 0 || val > math.Log(18.5) {
		t.Errorf("validation %g", val)
	}
}
