// SPDX-License-Identifier: Apache-2.0

// Package checkout has the subcommands that work in a clone of the project: they set it up, check it, and execute its notebooks.
package checkout

import (
	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
)

// Commands are setup, reproduce, lab, run, kernel and doctor.
func Commands(a *cli.App) []*cobra.Command {
	return []*cobra.Command{newSetup(a), newReproduce(a), newLab(a), newRun(a), newKernel(a), newDoctor(a)}
}
