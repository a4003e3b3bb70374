// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/plots"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runs"
	"vsim/vsimlib/workspace"
)

// Runs shows the trainings below directories; without any, those of the workspace.
func Runs(dirs ...string) (View, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	l, err := runs.ScanAll(w.Runs, dirs...)
	return View{tableView{l.Table()}, valueView(l.Caption())}, err
}

// Compare shows in what two runs or more differ, and their curves over one another.
func Compare(list ...run.Dir) (View, error) {
	c, err := runs.Compare(list...)
	if err != nil {
		return nil, err
	}
	figure, err := Figure(c.FigureName(), plots.Overlay(list...))
	view := View{tableView{c.Table()}, tableView{c.CurveTable()}}
	if caption := c.Caption(); caption != "" {
		view = append(view, valueView(caption))
	}
	return append(view, figure...), err
}
