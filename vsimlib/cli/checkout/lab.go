// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/jupyter"
)

const labLong = `Open JupyterLab on working copies of the checkout's notebooks, after installing what is missing (as vsim setup, and
gopls for completion). It listens on localhost only and asks for a random token; the address with the token is in its log. It runs
until it is shut down from its File menu or stopped with Ctrl-C. Arguments after -- go to JupyterLab.

The copies are in data/runs/lab, and so are notebooks that you begin there. At any scale cells write below data/runs only: runs,
figures and results in data/runs/tiny or data/runs/demo. The notebooks, figures and results that git tracks change by
vsim reproduce --scale demo alone. A copy that you have not changed follows its notebook; remove a copy to get a fresh one. Your own
notebooks and folders in notebooks/ appear there as links.`

func newLab(a *cli.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "lab [-- ARGS...]", Short: "Open JupyterLab on copies of the notebooks", Long: labLong,
		Example: `  vsim lab
  vsim lab -- --no-browser --port=9999`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return cli.Usagef(cmd, "unexpected argument %q; arguments for JupyterLab come after --", args[0])
			}
			return nil
		},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var unknown *pflag.NotExistError
		if errors.As(err, &unknown) {
			return cli.Usagef(cmd, "%v; JupyterLab's own flags come after --: vsim lab -- --no-browser --port=9999", err)
		}
		return err
	})
	cmd.RunE = a.Work(func(ctx context.Context, _ *cobra.Command, args []string) error {
		root, err := jupyter.Root(".")
		if err != nil {
			return err
		}
		installed, err := setUp(ctx, a, root, jupyter.SetupLab)
		if err != nil {
			return err
		}
		if a.JSON { // the output of JupyterLab is not part of the object
			os.Stdout = os.Stderr
		}
		if err := jupyter.Lab(ctx, root, a.Console, args); err != nil {
			return err
		}
		found := map[string][]string{"installed": cli.NonNil(installed)}
		return a.Result(found, func(w io.Writer) { fmt.Fprintln(w, "JupyterLab has ended") })
	})
	return cmd
}
