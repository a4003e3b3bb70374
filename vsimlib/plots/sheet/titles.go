// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"fmt"
	"strconv"

	"vsim/vsimlib/corpus/gloss"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
)

// Titles is a table of the titles in a gallery of these queries, with their English names, at the positions of their thumbnails.
func Titles(list []results.Query) report.Table {
	t := report.Table{Header: []string{"", "query"}}
	for row, q := range list {
		cells := []report.Cell{report.Words(RowName(row)), report.Words(gloss.Beside(q.Title, q.English))}
		for i, n := range q.Neighbours {
			cells = append(cells, report.Words(gloss.Beside(n.Title, n.English)))
			if i+2 == len(t.Header) {
				t.Header = append(t.Header, strconv.Itoa(i+1))
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// Pairs is a table of the pairs of a sheet of disputed pairs, with the titles' English names.
func Pairs(list []results.DisputedPair) report.Table {
	t := report.Table{Header: []string{"pair", "first", "second", "label", "cosine", "by title", "by frames"}}
	for _, p := range list {
		cells := []report.Cell{report.Words(p.Pair), report.Words(gloss.Beside(p.First, p.English[0])),
			report.Words(gloss.Beside(p.Second, p.English[1]))}
		for _, n := range []float64{p.Label, p.Both, p.Title, p.Frames} {
			cells = append(cells, report.Number(fmt.Sprintf("%.2f", n)))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
