// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/recipe"
)

// recipeFlags are the flags that make a recipe.
type recipeFlags struct {
	name    string
	operand bool // the name is not a flag's value, but an operand
	member  int
	set     []string
}

func (f *recipeFlags) add(cmd *cobra.Command) {
	f.addOptional(cmd, "")
	require(cmd, "recipe")
}

// addOptional is add for a command that has a recipe of its own where none is given.
func (f *recipeFlags) addOptional(cmd *cobra.Command, usual string) {
	cmd.Flags().StringVar(&f.name, "recipe", usual, "the settings: a preset, `tiny|demo|paper|FILE`, or a JSON file")
	f.addChanges(cmd)
}

// addChanges adds the flags that change a recipe.
func (f *recipeFlags) addChanges(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.member, "member", 0, "make it member `N` of the write-up's ensemble of six")
	cmd.Flags().StringArrayVar(&f.set, "set", nil,
		"change one setting: `SECTION.NAME=VALUE`; may be repeated (see vsim help settings)")
}

// load makes the recipe: preset or file, then the member, then the single settings. A file's own faults are a failure;
// those that the command line brings are wrong usage.
func (f *recipeFlags) load(cmd *cobra.Command) (recipe.Recipe, error) {
	r, err := recipe.Load(f.name)
	if err != nil {
		return r, f.judge(cmd, err)
	}
	if err := r.Validate(); err != nil {
		return r, err
	}
	if cmd.Flags().Changed("member") {
		if err := r.Member(f.member); err != nil {
			return r, usagef(cmd, "--member: %v", err)
		}
	}
	for _, s := range f.set {
		if err := r.Set(s); err != nil {
			return r, usagef(cmd, "--set: %v", err)
		}
	}
	if err := r.Validate(); err != nil {
		return r, usagef(cmd, "--set: %v", err)
	}
	return r, nil
}

// judge tells a name that is no recipe at all from a recipe file that cannot be used.
func (f *recipeFlags) judge(cmd *cobra.Command, err error) error {
	var file *fs.PathError
	if !errors.As(err, &file) && !jsonfile.Exists(f.name) {
		if f.operand {
			return usagef(cmd, "%v", err)
		}
		return usagef(cmd, "--recipe: %v", err)
	}
	return err
}

// require marks flags that a command cannot do without.
func require(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // a name that the command does not define
		}
	}
}
