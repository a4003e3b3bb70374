// SPDX-License-Identifier: Apache-2.0

package step

import (
	"errors"
	"math"
)

// ErrNotFinite is the error of a step that was not made, because a loss or gradient is infinite or not a number.
var ErrNotFinite = errors.New("not finite")

// Finite reports whether the loss and all gradients are finite. If not, weights and moments have not changed.
func (o Outcome) Finite() bool { return finite(o.Losses[0]) && finite(o.GradNorm) }

func finite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }
