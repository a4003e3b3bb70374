// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/proc"
)

// Lab opens JupyterLab on working copies of the checkout's notebooks, in data/runs/lab, on 127.0.0.1 with a random token. It
// returns when JupyterLab ends: when the user shuts it down, or with ctx. args are added to its command line, where
// --ServerApp.ip=0.0.0.0 is what a container needs that publishes its port on the host's 127.0.0.1 only. Set it up with SetupLab
// before.
func Lab(ctx context.Context, root string, log io.Writer, args []string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return fmt.Errorf("jupyter: %w", err)
	}
	p := checkout{root}
	if lacks := missing(p.parts()); len(lacks) > 0 {
		return fmt.Errorf("jupyter: %s is not installed in %s; run `vsim setup`", lacks[0].name, p.dir())
	}
	if err := p.updateCopies(log); err != nil {
		return fmt.Errorf("jupyter: copying the notebooks: %w", err)
	}
	cmd := proc.Command(ctx, p.python(), p.labArgs(os.Geteuid() == 0, args)...)
	cmd.Dir, cmd.Env = p.work(), p.env(os.Environ(), true)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err = proc.Run(cmd)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("jupyter: JupyterLab: %w", err)
	}
	return nil
}

// labArgs is JupyterLab's command line. Its server makes a random token when none is configured, which these folders
// see to; it refuses to run as root unless it is allowed to, as in a container. An option of the user's replaces ours:
// JupyterLab refuses duplicates.
func (p checkout) labArgs(asRoot bool, user []string) []string {
	ours := []string{
		"--ServerApp.ip=127.0.0.1",
		"--ServerApp.root_dir=" + p.work(),
		"--MultiKernelManager.default_kernel_name=" + Kernel,
		"--KernelSpecManager.ensure_native_kernel=False",
		"--LabApp.extension_manager=readonly",
		"--LabApp.news_url=",
		"--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
	}
	if asRoot {
		ours = append(ours, "--ServerApp.allow_root=True")
	}
	given := map[string]bool{}
	for _, arg := range user {
		name, _, _ := strings.Cut(arg, "=")
		if long := map[string]string{"--ip": "--ServerApp.ip", "--allow-root": "--ServerApp.allow_root"}[name]; long != "" {
			name = long
		}
		given[name] = true
	}
	args := []string{"-I", "-m", "jupyterlab"}
	for _, arg := range ours {
		if name, _, _ := strings.Cut(arg, "="); !given[name] {
			args = append(args, arg)
		}
	}
	return append(args, user...)
}
