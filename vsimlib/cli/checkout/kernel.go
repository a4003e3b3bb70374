// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/kernel"
	"vsim/vsimlib/workspace/rendered"
)

const kernelLong = `Run the notebooks' kernel for a front end: JupyterLab and other clients start it by its description
(kernel.json), which vsim setup installs under the name gonb; there is no need to call it. It connects the front end with GoNB,
which compiles and runs the cells.

A failing or interrupted cell aborts the cells that wait behind it; an interrupt stops a cell that is being compiled, too; the
packages nb, must and plots are imported before the first cell; VSIM_… variables that a cell sets with %env are set again after a
restart.

For other clients than vsim lab (JupyterLab of your own, VS Code, papermill, nbclient), set JUPYTER_PATH to .jupyter/share
of the checkout.`

func newKernel(a *cli.App) *cobra.Command {
	var root, goDir string
	cmd := &cobra.Command{
		Use: "kernel [--root DIR] [--go DIR] FILE", Short: "Run the notebooks' kernel (front ends call it)", Long: kernelLong,
		Example: `  vsim kernel ~/.local/share/jupyter/runtime/kernel-1234.json`, Args: cli.Operand("FILE"),
	}
	cmd.Flags().StringVar(&root, "root", "",
		"let cells import the packages of the checkout in `DIR` (default: the one around the present folder)")
	cmd.Flags().StringVar(&goDir, "go", "", "look for the go command in `DIR`, where PATH has none")
	cmd.RunE = a.Work(func(ctx context.Context, _ *cobra.Command, args []string) error {
		root, err := rootFor(root)
		if err != nil {
			return err
		}
		err = kernel.Run(ctx, kernel.Options{
			Connection: args[0], GoNB: jupyter.GoNB(root), Env: cellEnv(root, goDir, os.Environ(), time.Now()), Prelude: kernel.Prelude,
			Log: a.Console,
		})
		if err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
		return a.Result(map[string]bool{"ended": true}, func(io.Writer) {})
	})
	return cmd
}

// cellEnv is the environment of cells whose kernel starts now.
func cellEnv(root, goDir string, base []string, now time.Time) []string {
	return append(jupyter.KernelEnv(root, goDir, base), rendered.Start+"="+strconv.FormatInt(now.Unix(), 10))
}

// rootFor is the checkout that is named, or the one around the present folder.
func rootFor(root string) (string, error) {
	if root == "" {
		return jupyter.Root(".")
	}
	return filepath.Abs(root)
}
