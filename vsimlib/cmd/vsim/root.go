// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"
)

// Groups of subcommands in the help text.
const (
	groupSetup = "setup"
	groupWork  = "work"
	groupData  = "data"
)

const rootLong = `vsim pretrains and finetunes a multimodal transformer on videos (frame features and a title), and embeds,
scores and ensembles videos with it, on CPU or GPU.

From a fresh clone, one command shows all of it on the shipped corpus:

  vsim reproduce --scale tiny

Every subcommand has --help, and --json, which prints one JSON object on stdout and nothing else there; progress and
messages go to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 and 143 stopped by SIGINT and SIGTERM. A failure is
one line that begins with "vsim: ". A stopped run has saved its state: the same command goes on.`

// newRoot builds the tree of subcommands.
func newRoot(a *app) *cobra.Command {
	cobra.EnableCommandSorting = false // the order of use says more than the alphabet's
	root := &cobra.Command{
		Use: "vsim", Short: "Videos to embeddings, from records to a scored model", Long: rootLong,
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef(cmd, "which subcommand?")
		},
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print one JSON object on stdout")
	root.AddGroup(&cobra.Group{ID: groupSetup, Title: "Set up and see it all:"},
		&cobra.Group{ID: groupWork, Title: "From a corpus to scores:"},
		&cobra.Group{ID: groupData, Title: "Data and weights:"})
	for group, commands := range map[string][]*cobra.Command{
		groupSetup: {newSetup(a), newReproduce(a), newLab(a), newDoctor(a), newBench(a)},
		groupWork:  {newPretrain(a), newFinetune(a), newEmbed(a), newEval(a), newEnsemble(a), newSubmit(a), newStudy(a)},
		groupData:  {newData(a), newImport(a)},
	} {
		for _, cmd := range commands {
			cmd.GroupID = group
			root.AddCommand(cmd)
		}
	}
	root.SetHelpCommand(newHelp(root))
	hideEmptyDefaults(root)
	return root
}

// newHelp is cobra's help command, but for an unknown name being an error.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: "Explain a subcommand", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return usagef(found, "unknown command %q%s", rest[0], didYouMean("", found.SuggestionsFor(rest[0])))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}
