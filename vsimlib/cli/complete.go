// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/text"
)

// Complete gives the flags of a command and of all below it what shells complete: the values that a placeholder lists, such as
// local|slurm, and settings for --set.
func Complete(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name, _ := pflag.UnquoteUsage(f)
		switch {
		case f.Name == "set" || f.Name == "vary":
			register(cmd, f, CompleteSettings(strings.HasPrefix(name, "model.")))
		case f.Name == "member":
			register(cmd, f, completeMembers)
		case strings.Contains(name, "|"):
			register(cmd, f, CompleteWords(strings.Split(name, "|")...))
		}
	})
	for _, sub := range cmd.Commands() {
		Complete(sub)
	}
}

// register sets the completion of a flag.
func register(cmd *cobra.Command, f *pflag.Flag, complete cobra.CompletionFunc) {
	if _, done := cmd.GetFlagCompletionFunc(f.Name); done {
		return
	}
	if err := cmd.RegisterFlagCompletionFunc(f.Name, complete); err != nil {
		panic(err) // a flag that the command does not define
	}
}

// CompleteWords completes words; where FILE or DIR is one of them, files too.
func CompleteWords(words ...string) cobra.CompletionFunc {
	directive := cobra.ShellCompDirectiveNoFileComp
	var list []string
	for _, word := range words {
		switch word {
		case "DIR", "FILE":
			directive = cobra.ShellCompDirectiveDefault
		default:
			list = append(list, word)
		}
	}
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return beginning(list, begun), directive
	}
}

// CompleteFirst completes the first argument of a command by words, as CompleteWords does, and no other.
func CompleteFirst(words ...string) cobra.CompletionFunc {
	complete := CompleteWords(words...)
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, begun)
	}
}

// CompleteSettings completes the names of settings, of all sections or of model alone, with the equals sign.
func CompleteSettings(modelOnly bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		all, _ := recipe.Settings()
		var list []string
		for _, s := range all {
			if !modelOnly || strings.HasPrefix(s.Name, "model.") {
				list = append(list, s.Name+"=\t"+text.OneLine(s.Type))
			}
		}
		return beginning(list, begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// CompleteTopics completes the sections of a recipe and the names of settings.
func CompleteTopics(begun string) []string {
	all, _ := recipe.Settings()
	var list []string
	for _, s := range all {
		if section, _, _ := strings.Cut(s.Name, "."); !slices.Contains(list, section) {
			list = append(list, section)
		}
	}
	for _, s := range all {
		list = append(list, s.Name+"\t"+text.OneLine(s.Type))
	}
	return beginning(list, begun)
}

// completeMembers completes the numbers of the ensemble's members.
func completeMembers(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for n := 1; new(recipe.Recipe).Member(n) == nil; n++ {
		list = append(list, strconv.Itoa(n))
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// beginning returns the words that begin with a text.
func beginning(words []string, text string) (list []string) {
	for _, word := range words {
		if strings.HasPrefix(word, text) {
			list = append(list, word)
		}
	}
	return list
}
