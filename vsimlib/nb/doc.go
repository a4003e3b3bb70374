// SPDX-License-Identifier: Apache-2.0

// Package nb is what notebook cells call: one call, one result shown. It trains, embeds and scores with the library's
// own packages and shows tables, figures and one line of progress, through GoNB in a notebook and as text elsewhere.
//
// A GoNB cell is a process of its own, so no value goes from one cell to the next: everything travels through the runs
// folder, where each model has a directory of its own name:
//
//	RUNS/member1/pretrain, RUNS/member1/finetune   run directories (package run)
//	RUNS/member1/test_a.safetensors …              embeddings, by part of the corpus
//	RUNS/ensemble/test_a.safetensors …             the same for an ensemble of other models
//
// Where things lie is set by the environment; vsim reproduce sets all of it, and by hand none is needed:
//
//	VSIM_SCALE    tiny (the default) or demo
//	VSIM_ROOT     the checkout; else it is found from the working directory
//	VSIM_RUNS     runs; else ROOT/data/runs/SCALE
//	VSIM_FIGURES  figures; else ROOT/figures at scale demo, RUNS/figures at tiny
//	VSIM_RESULTS  small results, as JSON; else ROOT/data/results at scale demo, RUNS/results at tiny
//	VSIM_STUDIES  trainings of studies, below its folder study; else ROOT/data/runs at scale demo, where vsim study has them, RUNS at tiny
//	VSIM_STUDY    collect: studies train nothing and show what is there; else what is missing is trained
//
// Importing this package gives must.M, which notebooks use on every error, another end: one line on stderr and exit
// status 1, or 130 for a cell that was interrupted, in the place of a panic with a stack.
package nb
