// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/runs"
	"vsim/vsimlib/text"
)

// runsFlags select and order runs.
type runsFlags struct {
	stages, states, where []string
	sort                  string
	csv                   bool
}

func newRunsList(a *cli.App, use string) *cobra.Command {
	var f runsFlags
	cmd := &cobra.Command{Use: use, Args: cli.AtMostOne("DIR")}
	cmd.Flags().StringSliceVar(&f.stages, "stage", nil, "only runs of these stages: `pretrain|finetune`")
	cmd.Flags().StringSliceVar(&f.states, "state", nil, "only runs in one of these states: `done|running|stopped|died|damaged`")
	cmd.Flags().StringArrayVar(&f.where, "where", nil,
		"only runs with `KEY=VALUE`, or !=, <, <=, >, >=; repeat it for more conditions")
	cmd.Flags().StringVar(&f.sort, "sort", "dir", "order by `KEY`, -KEY for falling")
	cmd.Flags().BoolVar(&f.csv, "csv", false, "print a CSV with all keys, all scores and the settings that differ")
	_ = cmd.RegisterFlagCompletionFunc("sort", cli.CompleteWords(runs.Keys()...)) // fails only for a flag that does not exist
	cmd.RunE = a.Work(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		where, err := f.conditions(a, cmd)
		if err != nil {
			return err
		}
		dir := defaultRuns
		if len(args) > 0 {
			dir = args[0]
		}
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) && len(args) > 0 && len(cmd.SuggestionsFor(dir)) > 0 {
			return cli.Unknown(cmd, dir)
		}
		l, err := runs.Scan(ctx, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", a.Verb(), err)
		}
		if err := l.Select(where, f.sort); err != nil {
			return cli.Usagef(cmd, "%v", err)
		}
		return f.print(a, l)
	})
	return cmd
}

// conditions are those of all flags.
func (f *runsFlags) conditions(a *cli.App, cmd *cobra.Command) ([]runs.Condition, error) {
	if f.csv && a.JSON {
		return nil, cli.Usagef(cmd, "--csv and --json exclude each other")
	}
	var list []runs.Condition
	for _, c := range []struct {
		key           string
		values, known []string
	}{{"stage", f.stages, []string{"pretrain", "finetune"}}, {"state", f.states, runs.States()}} {
		for _, v := range c.values {
			if !slices.Contains(c.known, v) {
				return nil, cli.Usagef(cmd, "--%s: %q is none of %s", c.key, v, strings.Join(c.known, ", "))
			}
		}
		if len(c.values) > 0 {
			list = append(list, runs.Condition{Key: c.key, Op: "=", Values: c.values})
		}
	}
	for _, s := range f.where {
		c, err := runs.ParseCondition(s)
		if err != nil {
			return nil, cli.Usagef(cmd, "--where: %v", err)
		}
		list = append(list, c)
	}
	return list, nil
}

// print prints the listing as a table, JSON or CSV. What was passed over is not a part of the CSV, but on stderr.
func (f *runsFlags) print(a *cli.App, l runs.Listing) error {
	if !f.csv {
		return a.Result(l, func(w io.Writer) {
			if len(l.Runs) > 0 {
				fmt.Fprintln(w, l.Table())
			}
			fmt.Fprintln(w, l.Caption())
			for _, line := range l.Notes() {
				fmt.Fprintln(w, text.OneLine(line))
			}
		})
	}
	for _, line := range l.Notes() {
		a.Warn(line)
	}
	data, err := figure.CSV(l.Columns())
	if err != nil {
		return err
	}
	return a.Result(l, func(w io.Writer) { _, _ = w.Write(data) }) // into memory, which does not fail
}
