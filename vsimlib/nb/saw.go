// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"

	"vsim/vsimlib/report"
	"vsim/vsimlib/workspace"
)

// Saw shows what was seen: a text with the numbers of a results file, by the templates of report.Fill. A number that the file lacks is
// an error.
func Saw(name, text string) error {
	words, err := saw(name, text)
	if err != nil {
		return err
	}
	showMarkdown(words)
	return nil
}

func saw(name, text string) (string, error) {
	w, err := workspace.Open()
	if err != nil {
		return "", err
	}
	var values map[string]any
	if err := w.ReadResults(name, &values); err != nil {
		return "", fmt.Errorf("%w; run the cells above first", err)
	}
	return report.Fill(name, text, values)
}
