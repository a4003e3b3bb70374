// SPDX-License-Identifier: Apache-2.0

package results_test

import (
	"testing"

	"vsim/vsimlib/results/resultstest"
)

// TestComparable: an unfinished study is shown where there is something to compare with its baseline.
func TestComparable(t *testing.T) {
	table := resultstest.TasksTable()
	if !table.Comparable() {
		t.Error("a table without gaps")
	}
	table.Cells[0].Spearman, table.Cells[1].Spearman = nil, nil
	if !table.Comparable() {
		t.Error("half of a table")
	}
	table.Cells[2].Spearman = nil
	if table.Comparable() {
		t.Error("the baseline alone")
	}
	table = resultstest.TasksTable()
	table.Cells = table.Cells[2:]
	table.Cells[0].Spearman = nil
	if table.Comparable() {
		t.Error("the baseline of two cells")
	}
	table = resultstest.TasksTable()
	table.Cells[3].Spearman = nil
	if table.Comparable() {
		t.Error("no baseline")
	}
}
