// SPDX-License-Identifier: Apache-2.0

// Package report puts results into words and tables. A Table is written once and rendered as text, HTML or Markdown; the captions,
// summaries and verdicts of studies, claims and evaluations are sentences whose every number comes from the result they describe.
// The command, the benchmark and the notebooks all use it.
package report
