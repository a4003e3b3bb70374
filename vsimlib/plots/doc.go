// SPDX-License-Identifier: Apache-2.0

// Package plots draws figures from result files alone: metrics.jsonl and result.json of run directories, embeddings with
// labels, tables of scores. A figure is three files: NAME.png, NAME.svg and, with the numbers behind it, NAME.csv. The
// same files in give the same bytes out.
//
// One palette serves all: Okabe and Ito's colours, which colour-blind readers distinguish, in an order of clearly
// different lightness, and with a dash and a mark of their own, so that a grey print is readable too.
package plots
