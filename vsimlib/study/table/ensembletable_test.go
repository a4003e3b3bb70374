// SPDX-License-Identifier: Apache-2.0

package table

import (
	"testing"

	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
)

// TestOfPaper: the published sizes are those of the paper's members, not of other cells, whatever the study is called.
func TestOfPaper(t *testing.T) {
	member, own := study.Cell{Member: 1, Published: &results.Published{Spearman: .8}}, study.Cell{Set: []string{"pretrain.epochs=1"}}
	for _, c := range []struct {
		name  string
		cells []study.Cell
		want  bool
	}{
		{study.Ensembles, []study.Cell{member, member}, true},
		{study.Ensembles, []study.Cell{member, own}, false},
		{"mine", []study.Cell{member, member}, false},
	} {
		if got := ofPaper(&study.Study{Name: c.name, Cells: c.cells}); got != c.want {
			t.Errorf("%s of %d cells: %t", c.name, len(c.cells), got)
		}
	}
}
