// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"

	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace"
)

// Summary says in words what a results file of Evaluate holds. Every number in them comes from the file.
func Summary(name string) (View, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	var evaluation results.Evaluation
	if err := w.ReadResults(name, &evaluation); err != nil {
		return nil, fmt.Errorf("%w; run the cell that evaluates first", err)
	}
	words, err := report.EvaluationSummary(evaluation)
	return View{markdownView(words)}, err
}
