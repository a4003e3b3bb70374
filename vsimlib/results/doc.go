// SPDX-License-Identifier: Apache-2.0

// Package results holds the plain types of what an experiment finds: a study's table, a model's scores, a minibatch, a
// record, an attention map. Who computes a result writes one of these types as JSON, and who draws or tables it reads the same
// type back, so that a field has one name. The files are those of data/results and of a study's folder.
//
// The package computes nothing but what a value says of itself: whether an interval excludes zero, whether a cell has a score.
package results
