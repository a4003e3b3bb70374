// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"vsim/vsimlib/corpus"
)

// SkipFlags are the flags that make bad records be passed over.
type SkipFlags struct {
	on   bool
	most float64 // percent
}

// usualMost is the default of --max-bad, in percent.
const usualMost = 1

// Add adds the flags.
func (f *SkipFlags) Add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.on, "skip-bad", false, "pass over bad records; they are named, and the result has them")
	cmd.Flags().Float64Var(&f.most, "max-bad", usualMost, "with --skip-bad: at most `PERCENT` of the records may be bad")
}

// Share is the share of the records that may be bad, 0 where none may.
func (f *SkipFlags) Share(cmd *cobra.Command) (float64, error) {
	switch {
	case !f.on && cmd.Flags().Changed("max-bad"):
		return 0, Usagef(cmd, "--max-bad: is for --skip-bad")
	case !(f.most > 0 && f.most <= 100):
		return 0, Usagef(cmd, "--max-bad: %g is not above 0 and at most 100", f.most)
	case !f.on:
		return 0, nil
	}
	return f.most / 100, nil
}

// Hint adds the flag to the error of a bad record that it would pass over.
func (f *SkipFlags) Hint(err error) error {
	if p, ok := errors.AsType[*corpus.Problem](err); ok && p.Skippable && !f.on {
		return fmt.Errorf("%w (vsim data check names all; --skip-bad passes over them)", err)
	}
	return err
}
