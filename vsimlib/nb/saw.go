// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"

	"vsim/vsimlib/report"
	"vsim/vsimlib/workspace"
)

// Saw is a text with the numbers of a results file, by the templates of report.Fill. A number that the file lacks is an error.
func Saw(name, text string) (View, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	var values map[string]any
	if err := w.ReadResults(name, &values); err != nil {
		return nil, fmt.Errorf("%w; run the cells above first", err)
	}
	words, err := report.Fill(name, text, values)
	return View{markdownView(words)}, err
}
