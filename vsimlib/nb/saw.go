// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"embed"
	"fmt"
	"strings"

	"vsim/vsimlib/report"
	"vsim/vsimlib/workspace"
)

// texts are what the notebooks say of their results files, under the names of these.
//
//go:embed saw/*.md
var texts embed.FS

// Saw is a text with the numbers of a results file, by the templates of report.Fill. Without one it is the text of vsim's own
// notebook (vsimlib/nb/saw/NAME.md). A number that the file lacks is an error.
func Saw(name string, text ...string) (View, error) {
	template := strings.Join(text, "\n")
	if len(text) == 0 {
		data, err := texts.ReadFile("saw/" + name + ".md")
		if err != nil {
			return nil, fmt.Errorf("no text is of %q; give one, as in nb.Saw(%q, \"Spearman {{.spearman}}\")", name, name)
		}
		template = string(data)
	}
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	var values map[string]any
	if err := w.ReadResults(name, &values); err != nil {
		return nil, fmt.Errorf("%w; run the cells above first", err)
	}
	words, err := report.Fill(name, template, values)
	return View{markdownView(words)}, err
}
