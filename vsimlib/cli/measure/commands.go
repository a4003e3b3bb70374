// SPDX-License-Identifier: Apache-2.0

// Package measure has the subcommands that compare trainings, draw and verify what they wrote, and time them.
package measure

import (
	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
)

// Commands are study, plot, runs and bench.
func Commands(a *cli.App) []*cobra.Command {
	return []*cobra.Command{newStudy(a), newPlot(a), newRuns(a), newBench(a)}
}
