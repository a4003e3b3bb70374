// SPDX-License-Identifier: Apache-2.0

// Package plots draws figures from result files alone: metrics.jsonl and result.json of run directories, embeddings with labels,
// results files, tables of studies. A figure is three files: NAME.png, NAME.svg and, with the numbers behind it, NAME.csv. The
// same files in give the same bytes out. Chart draws columns of any CSV file or log, and numbers of a caller, as lines or bars.
// Package plots/figure draws and writes; plots/studyplots has the tables of studies,
// plots/picked the frames that a model picks for hidden ones, plots/sheet the sheets of thumbnails, plots/diagram the model.
package plots
