// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/cli"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/plots"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runs"
)

const runsDiffLong = `Compare runs, two or more: the settings that differ, of those that the stages of all read; the corpus, the
vocabulary, the initial model, and by what they were computed, where these differ; and of each loss and validation score the first
value, the end (of a loss the mean over its last tenth) and the best value with its step. The losses may be the same to the last
bit up to some step, which is said. --figure draws the curves over one another.`

func newRunsDiff(a *cli.App) *cobra.Command {
	var figure string
	var force bool
	cmd := &cobra.Command{
		Use: "diff RUN RUN...", Short: "Name the settings that differ, and compare the curves", Long: runsDiffLong,
		Example: `  vsim runs diff data/runs/pretrain data/runs/other
  vsim runs diff data/runs/a data/runs/b data/runs/c --figure data/runs/curves.svg`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return cli.Usagef(cmd, "want two runs or more, got %d", len(args))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&figure, "figure", "", "draw the curves to `FILE`, .svg or .png, or write their points to a .csv")
	cmd.Flags().BoolVar(&force, "force", false, "with --figure: overwrite an earlier figure")
	cmd.RunE = a.Work(func(_ context.Context, cmd *cobra.Command, dirs []string) error {
		if figure != "" {
			if err := prepareFigure(a, cmd, "--figure", figure, figureKinds, force); err != nil {
				return err
			}
		}
		var list []run.Dir
		for _, dir := range dirs {
			list = append(list, run.Dir(dir))
		}
		c, err := runs.Compare(list...)
		if err == nil && figure != "" {
			err = drawRuns(figure, list)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.Verb(), err)
		}
		return a.Result(c, func(w io.Writer) { printComparison(w, c, figure) })
	})
	return cmd
}

// figureKinds are the files of figures by their extension.
var figureKinds = map[string]outdir.FileKind{
	".svg": {Name: "figure", Made: func(head []byte) bool { return bytes.Contains(head[:min(len(head), 512)], []byte("<svg")) }},
	".png": {Name: "figure", Made: outdir.StartsWith("\x89PNG\r\n")},
	".csv": {Name: "figure's points", Made: outdir.StartsWith("run,series,step,")},
}

// prepareFigure looks at where a figure is to be written, as a flag says, before it is drawn: its extension is one of kinds, and a
// file that exists is a figure and may be replaced.
func prepareFigure(a *cli.App, cmd *cobra.Command, flag, path string, kinds map[string]outdir.FileKind, replace bool) error {
	kind, ok := kinds[filepath.Ext(path)]
	if !ok {
		return cli.Usagef(cmd, "%s: %q ends neither in .svg nor in .png nor in .csv", flag, path)
	}
	return a.PrepareOut(path, kind, replace)
}

// drawRuns draws the runs' curves to a file.
func drawRuns(path string, list []run.Dir) error {
	data, err := plots.Overlay(list...).Encode(filepath.Ext(path))
	if err != nil {
		return err
	}
	return atomicfile.WriteData(path, data)
}

func printComparison(w io.Writer, c runs.Comparison, figure string) {
	parts := []string{c.Table().String()}
	if len(c.Curves) > 0 {
		parts = append(parts, c.CurveTable().String())
	}
	if words := c.Caption(); words != "" {
		parts = append(parts, words+"\n")
	}
	if figure != "" {
		parts = append(parts, "figure: "+figure+"\n")
	}
	fmt.Fprint(w, strings.Join(parts, "\n"))
}
