// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/plugin"
)

// pluginPart is the plugin's name in the list of what was installed, beside the parts of package jupyter.
const pluginPart = "xla-cpu-plugin"

// compilerPart is the name of the compiler for absent GPUs.
const compilerPart = "gpu-compiler"

const setupLong = `Install what is missing and nothing else: the pinned XLA:CPU plugin into the user's cache, where every other
subcommand and go test find it from any folder, and Jupyter with the GoNB kernel into the checkout (under .jupyter). Where
everything is installed it does nothing. pip and go do the downloading, with the user's own settings for mirrors and proxies.

vsim doctor says what is missing.`

func newSetup(a *cli.App) *cobra.Command {
	var noJupyter, gpuAOT bool
	cmd := &cobra.Command{
		Use: "setup [--no-jupyter] [--gpu-aot]", Short: "Install what is missing", Long: setupLong,
		Example: `  vsim setup
  vsim setup --no-jupyter
  vsim setup --no-jupyter --gpu-aot`,
		Args: cli.NoArgs,
	}
	cmd.Flags().BoolVar(&noJupyter, "no-jupyter", false, "only the plugin: no Python environment, no kernel")
	cmd.Flags().BoolVar(&gpuAOT, "gpu-aot", false, "also the compiler of docker/gpu-aot, for GPUs that this machine lacks (254 MB)")
	cmd.RunE = a.Work(func(ctx context.Context, _ *cobra.Command, _ []string) error {
		var installed []string
		var err error
		if noJupyter {
			installed, err = installPlugin(ctx, a)
		} else {
			var root string
			if root, err = jupyter.Root("."); err != nil {
				return err
			}
			installed, err = setUp(ctx, a, root, jupyter.Setup)
		}
		if err == nil && gpuAOT {
			installed, err = installCompiler(ctx, a, installed)
		}
		if err != nil {
			return err
		}
		return a.Result(map[string][]string{"installed": cli.NonNil(installed)}, func(w io.Writer) {
			if len(installed) == 0 {
				fmt.Fprintln(w, "everything is installed")
				return
			}
			fmt.Fprintf(w, "installed %s\n", strings.Join(installed, ", "))
		})
	})
	return cmd
}

// installPlugin installs the XLA:CPU plugin where it is missing.
func installPlugin(ctx context.Context, a *cli.App) ([]string, error) {
	_, there := plugin.Installed()
	defer a.Console.Idle()
	if _, err := plugin.Install(ctx, a.Console.Steps()); err != nil {
		return nil, err
	}
	if there {
		return nil, nil
	}
	return []string{pluginPart}, nil
}

// installCompiler installs the compiler for absent GPUs where it is missing, and adds it to what was installed.
func installCompiler(ctx context.Context, a *cli.App, installed []string) ([]string, error) {
	_, there := plugin.GPUCompiler()
	if _, err := plugin.InstallGPUCompiler(ctx, a.Console); err != nil {
		return installed, err
	}
	if there {
		return installed, nil
	}
	return append(installed, compilerPart), nil
}

// installer is one of package jupyter's functions that install what is missing in a checkout, and return what that was.
type installer func(ctx context.Context, root string, log io.Writer) ([]string, error)

// setUp installs the plugin and the parts of Jupyter.
func setUp(ctx context.Context, a *cli.App, root string, parts installer) ([]string, error) {
	installed, err := installPlugin(ctx, a)
	if err != nil {
		return installed, err
	}
	defer a.Console.Idle()
	more, err := parts(ctx, root, a.Console.Steps())
	return append(installed, more...), err
}
