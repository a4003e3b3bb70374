// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/modelcopy"
	"vsim/vsimlib/runid"
	"vsim/vsimlib/text"
)

// importOwn copies a model of vsim.
func importOwn(a *cli.App, cmd *cobra.Command, from, out string, force bool) error {
	for _, name := range []string{"set", "seed", "corpus"} {
		if cmd.Flags().Changed(name) {
			return cli.Usagef(cmd, "--%s: is for --hf; a copy has the settings of its model", name)
		}
	}
	if err := a.PrepareDir(out); err != nil {
		return err
	}
	model, err := runid.Model(from)
	if err != nil {
		return fmt.Errorf("%s: --model %w", a.Verb(), err)
	}
	r, err := modelcopy.Copy(model, out, force)
	if err != nil {
		return err
	}
	return a.Result(r, func(w io.Writer) {
		for _, note := range r.Notes {
			fmt.Fprintf(w, "note     %s\n", note)
		}
		fmt.Fprintf(w, "%scopied %s of %s: %s\n", doneBefore(r.Before), text.Count(len(r.Files), "file"), model, out)
	})
}
