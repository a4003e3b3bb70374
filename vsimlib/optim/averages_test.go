// SPDX-License-Identifier: Apache-2.0

package optim

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/gomlx/ml/model"
)

// averagesOf is the scope of the averages, as function weights takes it.
const averagesOf = "adamw_e/"

// TestGoldenAverages follows torch's AveragedModel with the decay of diffusers' EMAModel: its limit applies from the third step on.
// The weights are those without averages.
func TestGoldenAverages(t *testing.T) {
	for _, accumulate := range []bool{false, true} {
		c, s, names := readStored(t)
		advance := storedStep(t, c.config(), s, names, accumulate)
		for step := range c.Steps {
			advance(step, 1)
			nearStored(t, s, "", step, c.Steps[step])
			nearStored(t, s, averagesOf, step, c.Averages[step])
		}
		before := snapshot(t, s, names)
		advance(len(c.Steps), float32(math.NaN()))
		if after := snapshot(t, s, names); after != before {
			t.Errorf("a step that is not finite changed\n%s to\n%s", before, after)
		}
	}
}

// snapshot is the values of these weights and of their averages.
func snapshot(t *testing.T, s *model.Store, names []string) (text string) {
	t.Helper()
	for _, name := range names {
		text += fmt.Sprintln(name, weights(t, s, name), weights(t, s, averagesOf+name))
	}
	return text
}

// TestWithAverages: within the call the averages are the weights, after it all is as before, also where the call fails; and
// training goes on from the weights.
func TestWithAverages(t *testing.T) {
	c, s, names := readStored(t)
	advance := storedStep(t, c.config(), s, names, false)
	failed := errors.New("failed")
	for step := range c.Steps {
		advance(step, 1)
		before := snapshot(t, s, names)
		for _, want := range []error{nil, failed} {
			err := WithAverages(s, func() error {
				nearStored(t, s, "", step, c.Averages[step])
				nearStored(t, s, averagesOf, step, c.Steps[step])
				return want
			})
			if !errors.Is(err, want) || snapshot(t, s, names) != before {
				t.Errorf("step %d: %v, and the store has other values", step, err)
			}
		}
	}
}

// TestAverageDecay: by hand; a decay of .9 is reached where t/(t+9) is, at 81.
func TestAverageDecay(t *testing.T) {
	for at, want := range map[int]float64{0: 0, 1: 0, 2: 2. / 11, 3: 0.25, 80: 80. / 89, 81: 0.9, 82: 0.9} {
		if got := AverageDecay(0.9, at); math.Abs(got-want) > 1e-12 {
			t.Errorf("update %d: %g, want %g", at, got, want)
		}
	}
}
