// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// RefuseEmpty makes an empty text an error for every flag of a command and of all below it that takes texts. It is what a shell
// makes of a variable that is not set: as a file it would fail after long work, and as a directory it would be the current one.
func RefuseEmpty(cmd *cobra.Command) {
	eachFlag(cmd, func(f *pflag.Flag) {
		switch list, ok := f.Value.(pflag.SliceValue); {
		case ok && strings.HasPrefix(f.Value.Type(), "string"):
			f.Value = &fullList{fullText{f.Value}, list}
			if f.DefValue == "[]" { // pflag knows its own type of list alone as one without a default
				f.DefValue = ""
			}
		case f.Value.Type() == "string":
			f.Value = &fullText{f.Value}
		}
	})
}

// fullText is the value of a flag that takes a text, but no empty one.
type fullText struct{ pflag.Value }

// Set takes the value of the flag.
func (v *fullText) Set(text string) error {
	if text == "" {
		return errEmpty
	}
	return v.Value.Set(text)
}

// fullList is the value of a flag that takes a list of texts, none of them empty.
type fullList struct {
	fullText
	pflag.SliceValue
}

// errEmpty is the error of a flag that is given an empty text.
var errEmpty = errors.New("empty")
