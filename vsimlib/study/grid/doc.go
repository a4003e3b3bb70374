// SPDX-License-Identifier: Apache-2.0

// Package grid makes studies from cells that a user writes: in a notebook's cell, on a command line, or in a file. A Definition is
// such a study as data. It is built on the same corpora and base recipes as the named studies, has the same tasks, and where it
// defines the cells of a named study, the same keys and the same table.
//
//	d := grid.Definition{Name: "width", Scale: "tiny", Corpus: "controlled",
//		Vary: []grid.Along{{Setting: "model.hidden_size", Values: []grid.Value{"16", "32"}}}}
//	planned, err := d.Plan(grid.On{Runs: "data/runs", Backend: "cpu"})
//
// Nothing is trained before all of a definition is checked: names and values of settings, labels, the number of trainings.
package grid
