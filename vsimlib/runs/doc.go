// SPDX-License-Identifier: Apache-2.0

// Package runs lists the trainings below a directory, compares them and removes them.
//
//	Scan    → Listing    every run, with its state, settings, scores, time and size; what was passed over
//	Listing → Select     those that satisfy conditions, in an order
//	Compare → Comparison the settings and all else that differ, and the curves' numbers
//	Plan    → Removal    who needs the runs that are to be removed; Do removes them
//
// Nothing of this is stored: it is derived from the files of the runs at every call. Weights are not read, and no file is changed
// but by Do.
package runs
