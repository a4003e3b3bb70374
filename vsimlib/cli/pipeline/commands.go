// SPDX-License-Identifier: Apache-2.0

// Package pipeline has the subcommands that lead from a corpus to scores: those that train, embed and score, those that make or
// check what training starts from, and the one that prints its settings.
package pipeline

import (
	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
)

// Commands are pretrain, finetune, embed, eval, baselines, neighbours, ensemble and submit.
func Commands(a *cli.App) []*cobra.Command {
	return []*cobra.Command{newPretrain(a), newFinetune(a), newEmbed(a), newEval(a), newBaselines(a), newNeighbours(a),
		newEnsemble(a), newSubmit(a)}
}

// DataCommands are data and import.
func DataCommands(a *cli.App) []*cobra.Command { return []*cobra.Command{newData(a), newImport(a)} }

// RecipeCommand is recipe.
func RecipeCommand(a *cli.App) *cobra.Command { return newRecipe(a) }
