// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/report"
	"vsim/vsimlib/workspace"
)

// Table shows a value as a table: a struct or a map as names and values, a slice of structs as rows under the fields'
// names. The names are those of the fields' JSON; maps inside a struct are listed with its fields.
func Table(value any) error {
	t, err := report.Of(value)
	if err != nil {
		return err
	}
	if w, err := workspace.Open(); err == nil {
		for _, row := range t.Rows {
			for i := range row {
				row[i].Text = w.Relative(row[i].Text)
			}
		}
	}
	showTable(t)
	return nil
}

func showTable(t report.Table) { showHTML(t.HTML(), t.String()) }
