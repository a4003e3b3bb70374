// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// RefuseRepeats makes every flag of a command and of all below it an error where it is given twice, but for lists, which grow, and
// for a switch that is given the same value again.
func RefuseRepeats(cmd *cobra.Command) {
	eachFlag(cmd, func(f *pflag.Flag) {
		switch f.Value.(type) {
		case pflag.SliceValue, *onceValue, *onceSwitch:
			return
		}
		once := onceValue{Value: f.Value}
		if f.Value.Type() == "bool" {
			f.Value = &onceSwitch{once}
			return
		}
		f.Value = &once
	})
}

// eachFlag changes the flags of a command and of all below it.
func eachFlag(cmd *cobra.Command, change func(*pflag.Flag)) {
	cmd.Flags().VisitAll(change)
	cmd.PersistentFlags().VisitAll(change)
	for _, sub := range cmd.Commands() {
		eachFlag(sub, change)
	}
}

// onceValue is the value of a flag that may be given once.
type onceValue struct {
	pflag.Value
	given bool
}

// Set takes the value of the flag the first time.
func (v *onceValue) Set(text string) error {
	if v.given {
		return fmt.Errorf("%w: %q and %q", errTwice, v.String(), text)
	}
	v.given = true
	return v.Value.Set(text)
}

// onceSwitch is the value of a flag that is true or false.
type onceSwitch struct{ onceValue }

// IsBoolFlag says to pflag that the flag needs no value.
func (v *onceSwitch) IsBoolFlag() bool { return true }

// Set takes the value of the flag the first time, and the same one again.
func (v *onceSwitch) Set(text string) error {
	if on, err := strconv.ParseBool(text); err == nil && v.given && v.String() == strconv.FormatBool(on) {
		return nil
	}
	return v.onceValue.Set(text)
}

// errTwice is the error of a flag that is given a second time.
var errTwice = errors.New("given twice")

// badValue says in words what is wrong with the value of a flag.
func badValue(err *pflag.InvalidValueError) string {
	name, cause := "--"+err.GetFlag().Name, errors.Unwrap(err)
	want := map[string]string{"int": "a whole number", "int64": "a whole number", "float64": "a number", "bool": "true or false",
		"duration": "a duration such as 30s or 5m", "int64Slice": "whole numbers separated by commas",
		"float64Slice": "numbers separated by commas"}[err.GetFlag().Value.Type()]
	switch {
	case errors.Is(cause, errTwice):
		return fmt.Sprintf("%s: %v; it takes one value", name, cause)
	case errors.Is(cause, errEmpty):
		placeholder, _ := pflag.UnquoteUsage(err.GetFlag())
		return fmt.Sprintf("%s: want %s, got an empty text", name, placeholder)
	case errors.Is(cause, strconv.ErrRange):
		return fmt.Sprintf("%s: %s is out of range", name, err.GetValue())
	case want == "":
		return fmt.Sprintf("%s: %v, got %q", name, cause, err.GetValue())
	}
	return fmt.Sprintf("%s: want %s, got %q", name, want, err.GetValue())
}
