// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"vsim/vsimlib/text"
)

// usageError is a command line that makes no sense; it ends with exit code 2.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// Usagef says what is wrong with a command line of cmd.
func Usagef(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{fmt.Sprintf("%s: %s (`%s --help` explains)", CommandName(cmd), fmt.Sprintf(format, args...), cmd.CommandPath())}
}

// usage turns cobra's own complaints into a usageError, with the names near an unknown one.
func usage(cmd *cobra.Command, err error) error {
	var wrong *usageError
	var flag *pflag.NotExistError
	var value *pflag.InvalidValueError
	message := err.Error()
	switch {
	case errors.As(err, &wrong):
		return err
	case errors.As(err, &flag):
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) {
			if !slices.Contains(known, f.Name) { // parsing adds them to Flags
				known = append(known, f.Name)
			}
		})
		message += text.DidYouMean("--", text.Similar(flag.GetSpecifiedName(), known))
	case errors.As(err, &value):
		message = badValue(value)
	default: // cobra puts its suggestions for a command on lines of their own
		head, rest, found := strings.Cut(message, "\n")
		if found {
			_, list, _ := strings.Cut(rest, "?")
			message = head + text.DidYouMean("", strings.Fields(list))
		}
	}
	return Usagef(cmd, "%s", message)
}

// Group gives cmd its subcommands, without which it only says which one is unknown.
func Group(cmd *cobra.Command, of ...*cobra.Command) *cobra.Command {
	cmd.FParseErrWhitelist = cobra.FParseErrWhitelist{UnknownFlags: true} // the unknown subcommand is named, not its flags
	cmd.RunE, cmd.SuggestionsMinimumDistance = Subcommand, 2
	cmd.AddCommand(of...)
	return cmd
}

// Subcommand is the work of a command that has only subcommands: to say which one is unknown.
func Subcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return Usagef(cmd, "which subcommand?")
	}
	return Unknown(cmd, args[0])
}

// Unknown says that cmd has no such subcommand, and which are near.
func Unknown(cmd *cobra.Command, name string) error {
	return Usagef(cmd, "unknown command %q%s", name, text.DidYouMean("", cmd.SuggestionsFor(name)))
}

// NoArgs refuses arguments that are no flags.
func NoArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return Usagef(cmd, "unexpected argument %q", args[0])
	}
	return nil
}

// CommandName is the command's path without the program: "data check".
func CommandName(cmd *cobra.Command) string {
	_, name, found := strings.Cut(cmd.CommandPath(), " ")
	if !found {
		return "command line"
	}
	return name
}

// HideEmptyDefaults keeps the "(default [])" of lists out of the help of a command and all below it: the texts say what holds
// without the flag. pflag does so itself for some types of lists, whose default must stay "[]" for that.
func HideEmptyDefaults(cmd *cobra.Command) {
	eachFlag(cmd, func(f *pflag.Flag) {
		if kind := f.Value.Type(); f.DefValue == "[]" && (kind == "int64Slice" || kind == "float64Slice") {
			f.DefValue = ""
		}
	})
}
