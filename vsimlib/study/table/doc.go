// SPDX-License-Identifier: Apache-2.0

// Package table tables what the cells of a study score: means over seeds, their intervals, differences to the baseline, and what
// all subsets of an ensemble's members score. The table is made from the results of the tasks alone, so it is the same bytes
// however the work was interrupted or distributed.
package table
