// SPDX-License-Identifier: Apache-2.0

package step

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// ErrNotFinite is the error of a step that was not made, because a loss or gradient is infinite or not a number.
var ErrNotFinite = errors.New("not finite")

// Finite reports whether the loss and all gradients are finite. If not, weights and moments have not changed.
func (o Outcome) Finite() bool { return finite(o.Losses[0]) && finite(o.GradNorm) }

func finite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

// Check is the error of a step on a batch whose outcome is not finite: it names all losses and the videos or pairs.
func (s *Step) Check(o Outcome, b Batch) error {
	if o.Finite() {
		return nil
	}
	var parts []string
	what := "gradient"
	for i, name := range s.Losses() {
		parts = append(parts, fmt.Sprintf("%s %g", name, o.Losses[i]))
		if !finite(o.Losses[i]) {
			what = "loss"
		}
	}
	return fmt.Errorf("%s is %w (%s); the weights are as before this step; batch: %s",
		what, ErrNotFinite, strings.Join(parts, ", "), strings.Join(b.IDs, " "))
}
