// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/results"
)

// Short names for what cells compute and show.
type (
	Score    = results.Score
	Member   = results.Member
	Joint    = results.Joined
	Outcome  = results.Evaluation
	Task     = results.TaskLoss
	Level    = results.LabelLevel
	Division = results.SplitSize
	Leak     = results.Leak
	Dispute  = results.Dispute
	Disputed = results.DisputedPair
	Side     = results.Side
	Size     = results.PartSize
)
