// SPDX-License-Identifier: Apache-2.0

// Command install is a layer of the container image: it installs what `vsim setup` and `vsim lab` would, of few packages, so that
// the layer stays as it is where other code changes. Its argument is one of the steps setup and lab. The kernel is built of all
// packages and comes later, by `vsim setup`.
package main

import (
	"context"
	"fmt"
	"os"

	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/plugin"
)

func main() {
	if err := install(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "install: %v\n", err)
		os.Exit(1)
	}
}

func install(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%d arguments, want one: setup or lab", len(args))
	}
	switch args[0] {
	case "setup":
		if _, err := plugin.Install(ctx, os.Stderr); err != nil {
			return err
		}
		_, err := jupyter.SetupTools(ctx, ".", os.Stderr, false)
		return err
	case "lab": // gopls, without which JupyterLab would go on, but not an image
		if _, err := jupyter.SetupTools(ctx, ".", os.Stderr, true); err != nil {
			return err
		}
		if !jupyter.Status(".").Gopls {
			return fmt.Errorf("gopls is not there")
		}
		return nil
	default:
		return fmt.Errorf("step %q, want setup or lab", args[0])
	}
}
