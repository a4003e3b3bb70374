// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/study"
)

const studyLong = `Run a named study, a grid of recipes × seeds, and table what the cells score: DIR/table.json and DIR/table.md, with mean,
standard deviation and the difference to the baseline, and the figures.

  tasks         no pretraining, tags, tags and words, all three tasks
  epochs        none to 40 epochs of pretraining, each with its own schedule
  loss-weights  each weight off, halved and doubled; the tag loss under a constant
  corpus-size   1,000 to 20,000 videos to pretrain on
  labels        rank-normalised labels against raw ones
  pooling       mean and attention, with the padding and without
  ensemble      the write-up's six members, and all 63 sets of them

Every training lies under --runs by the content of its recipe and corpus: cells and studies that share one train it once, what is
done is never done again, and a study that was stopped goes on where it was when the same line is run again. Several processes may
work on one study at the same time. A cell that fails is listed in the table; the others go on.

--corpus is controlled, which is generated under --runs, emoji, which is shipped, or a corpus directory. --recipe and --set change
what all cells build on.`

// studyCall is one call of the command.
type studyCall struct {
	study.Options
	out, on, task string
	jobs          int
}

func newStudy(a *app) *cobra.Command {
	o := studyCall{}
	cmd := &cobra.Command{
		Use: "study NAME", Short: "Run a grid of recipes and seeds, and table it", Long: studyLong,
		Example: `  vsim study epochs --scale tiny
  vsim study tasks --scale demo --out data/results/tasks
  vsim study loss-weights --corpus emoji --seeds 1,2,3,4,5`,
		Args: func(cmd *cobra.Command, args []string) error { return o.checkName(cmd, args) },
	}
	cmd.Flags().StringVar(&o.Scale, "scale", study.Tiny, "tiny (seconds), demo, or paper (the write-up's own size)")
	cmd.Flags().StringVar(&o.out, "out", "", "`directory` of table and figures (default RUNS/study-NAME-SCALE)")
	cmd.Flags().StringVar(&o.Runs, "runs", filepath.Join("data", "runs"), "`directory` under which all trainings lie")
	cmd.Flags().StringVar(&o.Corpus, "corpus", study.Controlled, "controlled, emoji, or a corpus `directory`")
	cmd.Flags().StringVar(&o.Recipe, "recipe", "", "a preset or a JSON file that all cells build on (default that of corpus and scale)")
	cmd.Flags().StringArrayVar(&o.Set, "set", nil, "override one setting of all cells, `section.name=value`; may be repeated")
	cmd.Flags().Int64SliceVar(&o.Seeds, "seeds", nil, "seeds of every cell, separated by commas (default 1,2,3)")
	cmd.Flags().StringVar(&o.on, "on", "local", "where to work: local")
	cmd.Flags().IntVar(&o.jobs, "jobs", 1, "tasks at a time")
	cmd.Flags().StringVar(&o.task, "task", "", "run the one task of that `key`, whose needs are done")
	_ = cmd.Flags().MarkHidden("task")
	cmd.RunE = a.work(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		if err := o.check(cmd); err != nil {
			return err
		}
		g, err := o.plan(cmd, args[0])
		if err != nil {
			return err
		}
		if o.task != "" {
			return a.studyTask(ctx, cmd, g, o.task)
		}
		return a.study(ctx, g, o)
	})
	return cmd
}

func (o *studyCall) checkName(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) != 1:
		return usagef(cmd, "want the name of one study: %s", counts(len(args), "name"))
	case !slices.Contains(study.Names(), args[0]):
		return usagef(cmd, "%v", study.Unknown(args[0]))
	}
	return nil
}

func (o *studyCall) check(cmd *cobra.Command) error {
	scales := []string{study.Tiny, study.Demo, study.Paper}
	switch {
	case !slices.Contains(scales, o.Scale):
		return usagef(cmd, "--scale: %q is none of tiny, demo and paper", o.Scale)
	case o.on != "local":
		return usagef(cmd, "--on: %q is unknown, want local", o.on)
	case o.jobs < 1:
		return usagef(cmd, "--jobs: %d is below 1", o.jobs)
	}
	return nil
}

// plan expands the study.
func (o *studyCall) plan(cmd *cobra.Command, name string) (*study.Grid, error) {
	if o.Corpus == "emoji" {
		root, err := jupyter.Root(".")
		if err != nil {
			return nil, err
		}
		o.Corpus = filepath.Join(root, "data", "emoji")
	}
	var err error
	for _, dir := range []*string{&o.Runs, &o.out} {
		if *dir == "" {
			continue
		}
		if *dir, err = filepath.Abs(*dir); err != nil {
			return nil, fmt.Errorf("study: %w", err)
		}
	}
	if o.out == "" {
		o.out = filepath.Join(o.Runs, "study-"+name+"-"+o.Scale)
	}
	s, err := study.New(name, o.Options)
	if err != nil {
		return nil, err
	}
	return s.Plan()
}

// studyTask runs one task of a grid, for a machine that has been given it.
func (a *app) studyTask(ctx context.Context, cmd *cobra.Command, g *study.Grid, key string) error {
	t, ok := g.Task(key)
	if !ok {
		return usagef(cmd, "--task: the study has no task %q under these flags", key)
	}
	w := &study.Worker{Warn: a.warn}
	if err := w.Run(ctx, g, t); err != nil {
		return err
	}
	return a.result(map[string]string{"task": t.Key, "kind": string(t.Kind)}, func(out io.Writer) {
		fmt.Fprintf(out, "%s of %s: done\n", t.Kind, t.Label)
	})
}

// study runs a grid and writes what it found.
func (a *app) study(ctx context.Context, g *study.Grid, o studyCall) error {
	w := &study.Worker{Warn: a.warn}
	table, err := study.Run(ctx, g, study.Local(w, o.jobs), nil)
	if err != nil {
		return err
	}
	return a.result(table, func(out io.Writer) { fmt.Fprintln(out, *table) })
}
