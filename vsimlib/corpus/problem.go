// SPDX-License-Identifier: Apache-2.0

package corpus

import "vsim/vsimlib/corpus/fault"

// Problem is one bad record or line.
type Problem = fault.Problem

// Skipped is what of a corpus was passed over, as asked for.
type Skipped = fault.Skipped
