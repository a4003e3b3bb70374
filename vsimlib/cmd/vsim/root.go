// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/cli/checkout"
	"vsim/vsimlib/cli/measure"
	"vsim/vsimlib/cli/pipeline"
)

// Groups of subcommands in the help text.
const (
	groupSetup   = "setup"
	groupWork    = "work"
	groupMeasure = "measure"
	groupData    = "data"
	groupHelp    = "help"
)

const rootLong = `vsim pretrains and finetunes a multimodal transformer on videos (frame features and a title), and embeds,
scores and ensembles videos with it, on CPU or GPU.

From a fresh clone, one command shows all of it on the shipped corpus:

  vsim reproduce --scale tiny

Every subcommand has --help, and --json, which prints one JSON object on stdout and nothing else there; progress and
messages go to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, and 129, 130, 138, 140 and 143 stopped by SIGHUP, SIGINT,
SIGUSR1, SIGUSR2 and SIGTERM. A failure is one line that begins with "vsim: ". A stopped run has saved its state: the same command
goes on.

vsim help settings lists the settings that --set changes.`

// newRoot builds the tree of subcommands.
func newRoot(a *cli.App) *cobra.Command {
	var versionFlag bool
	cobra.EnableCommandSorting = false // the order of use says more than the alphabet's
	root := &cobra.Command{
		Use: "vsim", Short: "Videos to embeddings, from records to a scored model", Long: rootLong,
		SilenceErrors: true, SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case versionFlag:
				return tellVersion(a)
			case a.JSON: // the help is no JSON object
				return cli.Usagef(cmd, "which subcommand?")
			}
			return cmd.Help()
		},
	}
	root.SetOut(a.Out)
	root.SetErr(a.Console)
	root.PersistentFlags().BoolVar(&a.JSON, "json", false, "print one JSON object on stdout")
	root.Flags().BoolVar(&versionFlag, "version", false, "print the version")
	root.AddGroup(&cobra.Group{ID: groupSetup, Title: "Set up and see it all:"},
		&cobra.Group{ID: groupWork, Title: "From a corpus to scores:"},
		&cobra.Group{ID: groupMeasure, Title: "Compare and measure:"},
		&cobra.Group{ID: groupData, Title: "Data and weights:"},
		&cobra.Group{ID: groupHelp, Title: "About this command:"})
	for group, commands := range map[string][]*cobra.Command{
		groupSetup:   checkout.Commands(a),
		groupWork:    pipeline.Commands(a),
		groupMeasure: measure.Commands(a),
		groupData:    pipeline.DataCommands(a),
		groupHelp:    {pipeline.RecipeCommand(a), newVersion(a)},
	} {
		for _, cmd := range commands {
			cmd.GroupID = group
			root.AddCommand(cmd)
		}
	}
	root.SetHelpCommand(newHelp(a, root))
	root.SetHelpCommandGroupID(groupHelp)
	root.SetCompletionCommandGroupID(groupHelp)
	addCompletion(root)
	root.InitDefaultHelpCmd()
	cli.HideEmptyDefaults(root)
	cli.Complete(root)
	cli.RefuseEmpty(root)
	cli.RefuseRepeats(root)
	return root
}

// addCompletion adds cobra's command that writes scripts for shells, with examples, and with an unknown shell being an error.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	cmd, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	cmd.Short = "Write a script with which a shell completes vsim's commands and flags"
	cmd.Example = "  source <(vsim completion bash)"
	cmd.Args, cmd.RunE, cmd.SuggestionsMinimumDistance = cobra.ArbitraryArgs, cli.Subcommand, 2
	for _, shell := range cmd.Commands() {
		line := map[string]string{"fish": " | source", "powershell": " | Out-String | Invoke-Expression"}[shell.Name()]
		shell.Example = "  vsim completion " + shell.Name() + line
		if line == "" {
			shell.Example = "  source <(vsim completion " + shell.Name() + ")"
		}
	}
}

const helpLong = `Explain a subcommand, as its --help does, or the settings of recipes: vsim help settings has each with its type,
its value in the presets and its meaning; after it may come a section (model, pretrain, finetune, ensemble) or a setting,
section.name.`

// settingsTopic is what help explains besides subcommands.
const settingsTopic = "settings"

// newHelp is cobra's help command, but for an unknown name being an error, and with a topic more.
func newHelp(a *cli.App, root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [command|settings]", Short: "Explain a subcommand, or the settings of recipes", Long: helpLong,
		Args: cobra.ArbitraryArgs,
		Example: `  vsim help pretrain
  vsim help settings pretrain
  vsim help settings model.pooling`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			return completeHelp(root, args, begun), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && args[0] == settingsTopic {
				return pipeline.ExplainSettings(a, cmd, args[1:])
			}
			found, rest, err := root.Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return cli.Unknown(found, rest[0])
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// completeHelp completes what help explains: subcommands, and after settings a section or a setting.
func completeHelp(root *cobra.Command, args []string, begun string) (list []string) {
	if len(args) > 0 && args[0] == settingsTopic {
		return cli.CompleteTopics(begun)
	}
	found, rest, err := root.Find(args)
	if err != nil || len(rest) > 0 {
		return nil
	}
	for _, cmd := range found.Commands() {
		if cmd.IsAvailableCommand() && strings.HasPrefix(cmd.Name(), begun) {
			list = append(list, cmd.Name()+"\t"+cmd.Short)
		}
	}
	if len(args) == 0 && strings.HasPrefix(settingsTopic, begun) {
		list = append(list, settingsTopic+"\tThe settings of recipes")
	}
	return list
}
