// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"slices"

	"github.com/spf13/cobra"
)

// Operand refuses a call that has not exactly one argument besides the flags; name is that of the usage line.
func Operand(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := Operands(name)(cmd, args); err != nil {
			return err
		}
		return AtMostOne(name)(cmd, args)
	}
}

// Operands refuses a call without arguments besides the flags; name is that of the first one in the usage line.
func Operands(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return Usagef(cmd, "%s is missing", name)
		}
		return full(cmd, name, args)
	}
}

// AtMostOne refuses a second argument besides the flags; name is that of the first one in the usage line.
func AtMostOne(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return Usagef(cmd, "unexpected argument %q: there is one %s", args[1], name)
		}
		return full(cmd, name, args)
	}
}

// full refuses an empty argument, as RefuseEmpty does an empty value of a flag.
func full(cmd *cobra.Command, name string, args []string) error {
	if slices.Contains(args, "") {
		return Usagef(cmd, "want %s, got an empty text", name)
	}
	return nil
}
