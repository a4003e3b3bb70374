// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"strconv"

	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
)

// Titles is a table of the titles in a gallery of these queries, at the positions of their thumbnails.
func Titles(list []results.Query) report.Table {
	t := report.Table{Header: []string{"", "query"}}
	for row, q := range list {
		cells := []report.Cell{report.Words(RowName(row)), report.Words(q.Title)}
		for i, n := range q.Neighbours {
			cells = append(cells, report.Words(n.Title))
			if i+2 == len(t.Header) {
				t.Header = append(t.Header, strconv.Itoa(i+1))
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
