// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/text"
	"vsim/vsimlib/workspace"
)

const runLong = `Execute notebooks headless, in the order given, each in a kernel of its own. NOTEBOOK is a file, or the name or
number of one in the folder notebooks, the project's or your own: 02_minibatch, 02, 2, mine.

The notebook itself does not change. Its executed copy goes into the folder notebooks of its workspace, in place of an earlier one,
next to the runs, figures and results of its cells: data/runs/tiny or data/runs/demo, where vsim lab works too. A cell that fails
ends the command with its number and its error; what was executed until then is in NAME.partial.ipynb there.

--set changes a setting in every recipe that a cell asks for (nb.Recipe, nb.Ensemble, nb.Study), before the changes of the cell
itself. Such runs have a workspace of their own, data/runs/SCALE,SECTION.NAME=VALUE, so the same notebook can be run with many
settings. In a cell or another client, the variable VSIM_SET does the same.

Nothing is installed or downloaded: vsim setup does that.`

// runCall is one call of the command.
type runCall struct {
	scale   scaleFlag
	set     []string
	inPlace bool
}

func newRun(a *cli.App) *cobra.Command {
	c := runCall{scale: scaleTiny}
	cmd := &cobra.Command{
		Use: "run NOTEBOOK...", Short: "Execute notebooks headless, with settings", Long: runLong,
		Example: `  vsim run 02_minibatch
  vsim run 00 04 --set pretrain.epochs=2 --set pretrain.weight_mlm=0.5
  vsim run mine.ipynb --scale demo`,
		Args: cli.Operands("NOTEBOOK"), ValidArgsFunction: completeNotebooks,
	}
	cmd.Flags().Var(&c.scale, "scale", "how large the runs are")
	cmd.Flags().StringArrayVar(&c.set, "set", nil, "change one setting: `SECTION.NAME=VALUE`; may be repeated")
	cmd.Flags().BoolVar(&c.inPlace, "in-place", false, "write the executed copy over the notebook as well")
	cmd.RunE = a.Work(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		root, err := jupyter.Root(".")
		if err != nil {
			return err
		}
		w, err := c.workspace(cmd, root)
		if err != nil {
			return err
		}
		e := executor{root: root, env: w.Env(), out: filepath.Join(w.Runs, "notebooks")}
		notebooks, err := c.find(cmd, root, e.out, args)
		if err != nil {
			return err
		}
		for _, path := range notebooks {
			out, err := e.execute(ctx, a, path)
			if err != nil {
				return err
			}
			if c.inPlace {
				if err := replace(out, path); err != nil {
					return fmt.Errorf("run: %w", err)
				}
			}
		}
		found := map[string]any{"notebooks": e.seconds, "scale": w.Scale, "set": cli.NonNil(w.Settings()), "out": e.out, "runs": w.Runs,
			"figures": w.Figures, "results": w.Results}
		return a.Result(found, func(out io.Writer) {
			fmt.Fprintf(out, "executed %s: %s; figures: %s\n", text.Count(len(notebooks), "notebook"), shown(e.out), shown(w.Figures))
		})
	})
	return cmd
}

// workspace is that of the scale and the settings; the folders that variables name stay.
func (c runCall) workspace(cmd *cobra.Command, root string) (workspace.Workspace, error) {
	var settings []string
	for _, set := range c.set {
		name, value, _ := strings.Cut(set, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if len(strings.Fields(name+value)) > 1 {
			return workspace.Workspace{}, cli.Usagef(cmd, "--set: %q has a space in it", set)
		}
		settings = append(settings, name+"="+value)
	}
	w, err := workspace.Of(func(name string) string {
		switch {
		case name == "VSIM_SCALE" && (cmd.Flags().Changed("scale") || os.Getenv(name) == ""):
			return string(c.scale)
		case name == "VSIM_SET" && cmd.Flags().Changed("set"):
			return strings.Join(settings, " ")
		case name == "VSIM_ROOT":
			return root
		}
		return os.Getenv(name)
	})
	if err != nil {
		return w, cli.Usagef(cmd, "%s", strings.ReplaceAll(err.Error(), "VSIM_SET: ", "--set: "))
	}
	if _, err := w.Recipe(1); err != nil {
		return w, cli.Usagef(cmd, "--set: %v", err)
	}
	return w, nil
}

// find lists the files of the notebooks that are asked for. No two have one name, and none is an executed copy in out.
func (c runCall) find(cmd *cobra.Command, root, out string, args []string) ([]string, error) {
	known, _ := jupyter.Notebooks(root)
	named := namedNotebooks(root)
	copies := map[string]string{}
	var list []string
	for _, arg := range args {
		path, err := findNotebook(arg, named)
		if err != nil {
			return nil, cli.Usagef(cmd, "%v", err)
		}
		name := notebookName(path)
		switch before, ok := copies[name]; {
		case ok:
			return nil, cli.Usagef(cmd, "%s and %s have one name, and so would their copies", before, arg)
		case filepath.Dir(path) == out:
			return nil, cli.Usagef(cmd, "%s is an executed copy, which its next execution replaces; copy it elsewhere", arg)
		case c.inPlace && slices.Contains(known, path):
			return nil, cli.Usagef(cmd, "--in-place: %s is one of the project's; `vsim reproduce --scale demo` renders those", arg)
		}
		copies[name] = arg
		list = append(list, path)
	}
	return list, nil
}

// namedNotebooks lists those that go by name: the project's, and the user's own next to them.
func namedNotebooks(root string) []string {
	list, _ := jupyter.Notebooks(root)
	for _, path := range jupyter.OwnNotebooks(root) {
		if filepath.Ext(path) == ".ipynb" {
			list = append(list, path)
		}
	}
	return list
}

// findNotebook is the absolute path of a notebook: a file, or one of the named ones by name or number.
func findNotebook(arg string, named []string) (string, error) {
	if info, err := os.Stat(arg); err == nil && info.Mode().IsRegular() {
		if filepath.Ext(arg) != ".ipynb" {
			return "", fmt.Errorf("%s is no notebook (.ipynb)", arg)
		}
		path, err := filepath.Abs(arg)
		if err != nil {
			return "", err
		}
		return filepath.EvalSymlinks(path)
	}
	var names []string
	for _, path := range named {
		name := notebookName(path)
		number, _, _ := strings.Cut(name, "_")
		if arg == name || arg == name+".ipynb" || sameNumber(arg, number) {
			return path, nil
		}
		names = append(names, name)
	}
	if near := text.Similar(notebookName(arg), names); len(near) > 0 {
		names = near
	}
	return "", fmt.Errorf("%s: no such file, and no notebook of this name in the folder notebooks, which has %s", arg,
		strings.Join(names, ", "))
}

// sameNumber reports whether two texts are one number, with leading zeros or without: 3 and 03.
func sameNumber(a, b string) bool {
	first, err := strconv.ParseUint(a, 10, 16)
	if err != nil {
		return false
	}
	second, err := strconv.ParseUint(b, 10, 16)
	return err == nil && first == second
}

// completeNotebooks completes the names of notebooks, and files.
func completeNotebooks(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	words := []string{"FILE"}
	if root, err := jupyter.Root("."); err == nil {
		for _, path := range namedNotebooks(root) {
			words = append(words, notebookName(path))
		}
	}
	return cli.CompleteWords(words...)(cmd, args, begun)
}
