// SPDX-License-Identifier: Apache-2.0

// Package nb is what notebook cells call. Each function finds its files (package workspace), calls the package that does the work,
// and returns a value and an error; Show shows the two, through GoNB in a notebook and as text elsewhere:
//
//	r := nb.Must(nb.Recipe(1))
//	nb.Show(nb.Pretrain("member1", r))
//
// Study and Grid take the options of package option under the same names; docs/studies.md explains them:
//
//	nb.Show(nb.Grid("width", nb.Vary("model.hidden_size", 64, 128), nb.Seeds(1, 2, 3)))
//
// A GoNB cell is a process of its own, so no value goes from one cell to the next: everything travels through the workspace's
// folders, which the environment sets. VSIM_STUDY=collect makes studies train nothing and show the results that exist.
//
// # Errors
//
// A cell that fails ends with one line on stderr and exit status 1, or 130 if it was interrupted. Show, Must and Check end a cell
// in this way, and Run, Embeddings, Labels and Results, which name files for a figure. All other functions return their errors.
// Importing this package changes no other one. Cells that use github.com/janpfeifer/must end in the same way after this
// declaration in the first cell:
//
//	func init_must() { must.M = nb.Check }
package nb
