// SPDX-License-Identifier: Apache-2.0

// Package workspace knows the folders that notebooks work in: the corpus, the directory of each model, the figures and the
// files of small results. It computes nothing and shows nothing.
//
// A model has a directory of its own name in the runs folder:
//
//	RUNS/member1/pretrain, RUNS/member1/finetune   run directories (package run)
//	RUNS/member1/seconds.json                      how long each stage took
//	RUNS/member1/test_a.safetensors …              embeddings, by part of the corpus
//	RUNS/all/test_a.safetensors …                  the same for an ensemble of other models
//	RUNS/all/ensemble.json                         the members of that ensemble
//
// The environment sets the folders; by hand none is needed. Everything is written below ROOT/data/runs, which git ignores, unless a
// variable names another folder: vsim reproduce --scale demo alone names those of the committed figures and results.
//
//	VSIM_SCALE    tiny (the default) or demo
//	VSIM_SET      changes of the scale's preset, "section.name=value" separated by spaces, as vsim run --set makes them. They are set
//	              in every recipe that a cell asks for, before the cell's own changes
//	VSIM_ROOT     the checkout; by default the one around the working directory
//	VSIM_RUNS     runs; by default ROOT/data/runs/SCALE, or ROOT/data/runs/SCALE,section.name=value where VSIM_SET changes something
//	VSIM_FIGURES  figures; by default RUNS/figures
//	VSIM_RESULTS  small results, as JSON; by default RUNS/results
//	VSIM_STUDIES  the trainings of studies are in its folder study; by default ROOT/data/runs at scale demo, RUNS at tiny
package workspace
