// SPDX-License-Identifier: Apache-2.0

package study

import (
	"context"

	"vsim/vsimlib/results"
)

// Run brings a grid to its end on exec and tables it. Cells that failed are listed in the table; they are no error.
func Run(ctx context.Context, g *Grid, exec Executor, tell func(Event)) (*results.Table, error) {
	if tell == nil {
		tell = func(Event) {}
	}
	if err := exec(ctx, g, tell); err != nil {
		return nil, err
	}
	return Collect(g)
}
