// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace/looks"
)

// LabelLevels lists the values of pairwise's labels and what rank-normalising (E5) makes of each, and saves them under "labels"
// of a results file.
func LabelLevels(file string) ([]results.LabelLevel, error) { return looks.LabelLevels(file) }

// Splits divides pairwise by every rule, and saves the rows under "splits" of a results file.
func Splits(file string) ([]results.SplitSize, error) { return looks.Splits(file) }

// Leaks compares what finetuned models score on the pairs that they held out with what they score on test_a, and saves the rows
// under "leaks" of a results file.
func Leaks(file string, models ...string) ([]results.Leak, error) {
	return looks.Leaks(file, models...)
}
