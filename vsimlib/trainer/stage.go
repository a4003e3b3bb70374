// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"

	"vsim/vsimlib/step"
)

// stage is the work of one stage of training, which a loop runs.
type stage interface {
	// plan says how many steps there are, at which rates, and when to save and validate.
	plan() plan
	// config says what a step computes.
	config() step.Config
	// batch builds the batch of step n (from 0). It may run for several steps at the same time.
	batch(n int) (step.Batch, error)
	// validates reports whether there is a validation.
	validates() bool
	// validate computes the validation after done steps. It calls report where it counts its videos.
	validate(ctx context.Context, done int, report func(videos, total int)) ([]Loss, error)
	// close releases memory of the backend.
	close()
}
