// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/cli"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/plots"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/plots/studyplots"
	"vsim/vsimlib/text"
)

const plotLong = `Draw numbers as the project's figures are drawn: columns of a CSV file or of a run's log, or the table.json of a
study.

Of a CSV file with a header, or of a metrics.jsonl, --y is drawn over --x, a line or, with --bars, a bar for each value of --by.
Rows that agree in --x and --by, such as those of several seeds, are one point: their mean, with its 95% interval by Student's
distribution over the rows. A table that has the ends of the intervals names their columns by --low and --high. Intervals are bands
of lines and whiskers of bars.

Of a study's table.json, --figure names one of the figures that vsim study writes next to it: cells, axis, sizes or law; by default
the one along its axis, or else the cells. The trainings of the study need not exist. Of the CSV files next to the table those of
figures have the columns cell, series, x, mean, low and high, and scores.csv has a row for each cell and seed.

--out ends in .svg or .png, or in .csv for the drawn numbers.`

// plotCall is one call of the command.
type plotCall struct {
	chart         plots.Chart
	out, figure   string
	bars, replace bool
}

func newPlot(a *cli.App) *cobra.Command {
	var o plotCall
	cmd := &cobra.Command{
		Use: "plot FILE --out FIGURE", Short: "Draw columns of a CSV file, or a study's table", Long: plotLong,
		Example: `  vsim plot scores.csv --x epochs --y score --by loss --out scores.svg
  vsim plot scores.csv --x loss --y score --bars --out bars.png
  vsim plot data/runs/study-depth-tiny/depth.csv --x x --y mean --low low --high high --by series --bars --out depth.svg
  vsim plot data/runs/study-depth-tiny/scores.csv --x pretrain.epochs --y spearman --by model.num_hidden_layers --out seeds.svg
  vsim plot data/runs/finetune/metrics.jsonl --x step --y val_spearman --out validation.svg
  vsim plot data/results/study-epochs.json --figure cells --out epochs.svg`,
		Args: cli.Operand("FILE"),
	}
	c, flags := &o.chart, cmd.Flags()
	flags.StringVar(&c.X, "x", "", "draw over the column `NAME`")
	flags.StringVar(&c.Y, "y", "", "draw the column `NAME`")
	flags.StringVar(&c.By, "by", "", "a line or bar for each value of the column `NAME`")
	flags.StringVar(&c.Low, "low", "", "lower ends of the intervals: the column `NAME`")
	flags.StringVar(&c.High, "high", "", "upper ends of the intervals: the column `NAME`")
	flags.BoolVar(&o.bars, "bars", false, "draw bars, not lines; --x may be any text")
	flags.BoolVar(&c.LogX, "log-x", false, "a logarithmic axis of x, for lines")
	flags.StringVar(&c.Title, "title", "", "`TEXT` above the figure (default the names of the axes)")
	flags.StringVar(&c.XLabel, "x-label", "", "`TEXT` at the axis of x (default the name of the column)")
	flags.StringVar(&c.YLabel, "y-label", "", "`TEXT` at the axis of y (default the name of the column)")
	flags.StringVar(&o.figure, "figure", "", "of a table.json: draw `cells|axis|sizes|law`")
	flags.StringVar(&o.out, "out", "", "write the figure to `FIGURE`, .svg or .png, or its numbers to a .csv")
	flags.BoolVar(&o.replace, "force", false, "overwrite an earlier figure")
	cli.Require(cmd, "out")
	cmd.RunE = a.Work(func(_ context.Context, cmd *cobra.Command, args []string) error {
		f, err := o.drawing(cmd, args[0])
		if err != nil {
			return err
		}
		if err := prepareFigure(a, cmd, "--out", o.out, plotKinds, o.replace); err != nil {
			return err
		}
		d, err := f.Drawing()
		if err != nil {
			return fmt.Errorf("%s: %w", a.Verb(), err)
		}
		data, err := d.Encode(filepath.Ext(o.out))
		if err == nil {
			err = atomicfile.WriteData(o.out, data)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.Verb(), err)
		}
		result := struct {
			Figure string `json:"figure"`
			Points int    `json:"points"`
			Shows  string `json:"shows"`
		}{o.out, len(d.Rows), d.Alt}
		return a.Result(result, func(w io.Writer) { fmt.Fprintf(w, "%s: %s\n", o.out, text.OneLine(d.Alt)) })
	})
	return cmd
}

// plotKinds are the files of figures that the command may overwrite.
var plotKinds = map[string]outdir.FileKind{
	".svg": figureKinds[".svg"], ".png": figureKinds[".png"],
	".csv": {Name: "figure's numbers", Made: func(head []byte) bool {
		return slices.ContainsFunc([]string{"series,x,mean,low,high,", "cell,series,x,mean,", "models,members,", "of,models,"},
			func(columns string) bool { return strings.HasPrefix(string(head), columns) })
	}},
}

// drawing is the figure that the flags ask for, of a file.
func (o plotCall) drawing(cmd *cobra.Command, file string) (figure.Figure, error) {
	var chartFlags []string
	for _, name := range []string{"x", "y", "by", "low", "high", "bars", "log-x", "title", "x-label", "y-label"} {
		if cmd.Flags().Changed(name) {
			chartFlags = append(chartFlags, "--"+name)
		}
	}
	switch table := filepath.Ext(file) == ".json"; {
	case table && len(chartFlags) > 0:
		return figure.Figure{}, cli.Usagef(cmd, "%s is of a CSV file, as there are next to the table %s", chartFlags[0], file)
	case table:
		return o.ofStudy(cmd, file)
	case o.figure != "":
		return figure.Figure{}, cli.Usagef(cmd, "--figure is of a study's table.json, and %s is none", file)
	case o.chart.X == "" || o.chart.Y == "":
		return figure.Figure{}, cli.Usagef(cmd, "--x and --y name the columns of %s to draw", file)
	case (o.chart.Low == "") != (o.chart.High == ""):
		return figure.Figure{}, cli.Usagef(cmd, "--low and --high go together: an interval has two ends")
	case o.bars && o.chart.LogX:
		return figure.Figure{}, cli.Usagef(cmd, "--log-x goes without --bars, which are at equal distances")
	}
	o.chart.File = file
	if o.bars {
		return o.chart.Bars(), nil
	}
	return o.chart.Lines(), nil
}

// ofStudy is one of the figures of a study's table.
func (o plotCall) ofStudy(cmd *cobra.Command, file string) (figure.Figure, error) {
	list, err := studyplots.Study(file)
	if err != nil {
		return figure.Figure{}, err
	}
	var names []string
	for _, n := range list {
		names = append(names, n.Kind)
	}
	want := o.figure
	if want == "" {
		if want = "cells"; slices.Contains(names, "axis") {
			want = "axis"
		}
	}
	i := slices.Index(names, want)
	if i < 0 {
		return figure.Figure{}, cli.Usagef(cmd, "--figure: %s has no figure %q; it has %s", file, want, strings.Join(names, ", "))
	}
	return list[i].Figure, nil
}
