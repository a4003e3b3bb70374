// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/recipe"
)

// RecipeFlags are the flags that make a recipe.
type RecipeFlags struct {
	Name    string   // a preset or a file
	Operand bool     // the name is not a flag's value, but an operand
	Member  int      // of the ensemble; 0 for none
	Set     []string // SECTION.NAME=VALUE
}

// Add adds the flags, of which --recipe is required.
func (f *RecipeFlags) Add(cmd *cobra.Command) {
	f.AddOptional(cmd, "")
	Require(cmd, "recipe")
}

// AddOptional is Add for a command that has a recipe of its own where none is given.
func (f *RecipeFlags) AddOptional(cmd *cobra.Command, usual string) {
	cmd.Flags().StringVar(&f.Name, "recipe", usual, "the settings: a preset, `tiny|demo|paper|FILE`, or a JSON file")
	f.AddChanges(cmd)
}

// AddChanges adds the flags that change a recipe.
func (f *RecipeFlags) AddChanges(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.Member, "member", 0, "make it member `N` of the paper's ensemble of six")
	cmd.Flags().StringArrayVar(&f.Set, "set", nil,
		"change one setting: `SECTION.NAME=VALUE`; may be repeated (see vsim help settings)")
}

// Load makes the recipe: preset or file, then the member, then the single settings. A file's own faults are a failure;
// those that the command line brings are wrong usage.
func (f *RecipeFlags) Load(cmd *cobra.Command) (recipe.Recipe, error) {
	r, err := recipe.Load(f.Name)
	if err != nil {
		return r, f.judge(cmd, err)
	}
	if err := r.Validate(); err != nil {
		return r, err
	}
	if cmd.Flags().Changed("member") {
		if err := r.Member(f.Member); err != nil {
			return r, Usagef(cmd, "--member: %v", err)
		}
	}
	for _, s := range f.Set {
		if err := r.Set(s); err != nil {
			return r, Usagef(cmd, "--set: %v", err)
		}
	}
	if err := r.Validate(); err != nil {
		return r, Usagef(cmd, "--set: %v", err)
	}
	return r, nil
}

// judge tells a name that is no recipe at all from a recipe file that cannot be used.
func (f *RecipeFlags) judge(cmd *cobra.Command, err error) error {
	var file *fs.PathError
	if !errors.As(err, &file) && !jsonfile.Exists(f.Name) {
		if f.Operand {
			return Usagef(cmd, "%v", err)
		}
		return Usagef(cmd, "--recipe: %v", err)
	}
	return err
}

// MixFlag defines --mix-backends.
func MixFlag(cmd *cobra.Command, mix *bool, usage string) {
	cmd.Flags().BoolVar(mix, "mix-backends", false, usage)
}

// Require marks flags that a command cannot do without.
func Require(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // a name that the command does not define
		}
	}
}
