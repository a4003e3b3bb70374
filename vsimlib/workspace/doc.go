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
// The environment sets the folders; vsim reproduce sets all of it, and by hand none is needed:
//
//	VSIM_SCALE    tiny (the default) or demo
//	VSIM_ROOT     the checkout; by default the one around the working directory
//	VSIM_RUNS     runs; by default ROOT/data/runs/SCALE
//	VSIM_FIGURES  figures; by default ROOT/figures at scale demo, RUNS/figures at tiny
//	VSIM_RESULTS  small results, as JSON; by default ROOT/data/results at scale demo, RUNS/results at tiny
//	VSIM_STUDIES  the trainings of studies are in its folder study; by default ROOT/data/runs at scale demo, RUNS at tiny
package workspace
