// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/backends"
	"vsim/vsimlib/cli"
	"vsim/vsimlib/compilecache"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/plots/studyplots"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/report"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/grid"
	"vsim/vsimlib/study/table"
	"vsim/vsimlib/study/task"
	"vsim/vsimlib/study/work"
	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
)

const studyLong = `Run a named study, a grid of recipes × seeds, and table what the cells score: DIR/table.json and DIR/table.md,
with mean, standard deviation and the difference to the baseline, and the figures. DIR/scores.csv has a row for each cell and seed,
with a column for each setting that cells differ in, for other programs and vsim plot.

  tasks         no pretraining, tags, tags and tokens, all three tasks
  tasks-long    the same, with the longer pretraining of the other studies
  epochs        none to 40 epochs of pretraining, each with its own schedule
  loss-weights  each weight off, halved and doubled; the tag loss under a constant
  corpus-size   1,000 to 20,000 videos to pretrain on
  labels        rank-normalised labels against raw ones
  pooling       [CLS], mean and attention, with the padding and without
  modalities    titles and frames, titles alone, frames alone
  ensemble      the paper's six members, and all 63 sets of them
  others        what other teams had: other losses, SimCSE, speech, a strict split
  ladder        changes of the settings at equal cost, each on top of those before, and six models distilled into one

Every training lies under --runs by the content of its recipe and corpus, the backend, and the arithmetic of this vsim: cells and
studies that share one train it once, what is done is never done again, and a study that was stopped goes on where it was when the
same line is run again. Several processes may work on one study at the same time. A cell that fails is listed in the table; the
others go on.

Two backends share no training; --backend plans for machines that compute on another one than this. With --mix-backends a task is
computed by the backend of the machine that takes it, apart from the trainings of one backend, and the table says what it mixes.

--corpus is controlled, which is generated under --runs, emoji, which is shipped, or a corpus directory. Scored is test_a, or where
it has no labels the held-out pairs of pairwise. --recipe and --set change what all cells build on.` + studyGrid + studySlurm

// studyCall is one call of the command.
type studyCall struct {
	study.Options
	out, on, task string
	jobs          int
	plan, mix     bool
	slurm         slurmFlags
	grid          gridFlags
	study         grid.Definition // what operand and flags ask for

	device func() (trainer.Options, error) // opens the backend, once
}

func newStudy(a *cli.App) *cobra.Command {
	o := studyCall{}
	o.device = sync.OnceValues(func() (trainer.Options, error) { return openDevice(a) })
	cmd := &cobra.Command{
		Use: "study NAME|FILE.json", Short: "Run a grid of recipes and seeds, and table it", Long: studyLong,
		Example: `  vsim study epochs --scale tiny
  vsim study tasks --scale demo --out data/results/tasks
  vsim study loss-weights --corpus emoji --seeds 1,2,3,4,5
  vsim study loss-weights --values 0,1,10,417 --plan
  vsim study depth --vary model.num_hidden_layers=1,2 --vary pretrain.epochs=1,2,4
  vsim study width --cell small:model.hidden_size=32 --cell large:model.hidden_size=64,pretrain.lr_encoder=1e-4
  vsim study width.json --seeds 1,2,3`,
		Args:              func(cmd *cobra.Command, args []string) error { return o.checkOperand(cmd, args) },
		ValidArgsFunction: cli.CompleteFirst(append(study.Names(), "FILE")...),
	}
	cmd.Flags().StringVar(&o.Scale, "scale", study.Tiny,
		"how large the runs are: `tiny|demo|paper`; tiny takes seconds, paper has the size of the paper's models")
	cmd.Flags().StringVar(&o.out, "out", "", "write table and figures to `DIR` (default RUNS/study-NAME-SCALE)")
	cmd.Flags().StringVar(&o.Runs, "runs", filepath.Join("data", "runs"), "keep all trainings under `DIR`")
	cmd.Flags().StringVar(&o.Corpus, "corpus", study.Controlled,
		"`controlled|emoji|DIR`: the generated, the shipped, or another corpus")
	cmd.Flags().StringVar(&o.Recipe, "recipe", "",
		"what all cells build on: a preset, `tiny|demo|paper|FILE`, or a JSON file (default that of corpus and scale)")
	cmd.Flags().StringArrayVar(&o.Set, "set", nil, "override one setting of all cells, `SECTION.NAME=VALUE`; may be repeated")
	cmd.Flags().Int64SliceVar(&o.Seeds, "seeds", nil, "train every cell with each of the seeds `N1,N2,...` (default "+usualSeeds()+")")
	o.grid.add(cmd)
	cmd.Flags().StringVar(&o.on, "on", "local", "where to work: `local|slurm`")
	o.slurm.add(cmd)
	cmd.Flags().StringVar(&o.Backend, "backend", "",
		"plan for machines that compute on `cpu|cuda|go` (default this machine's; with --on slurm and GPUs, cuda)")
	cli.MixFlag(cmd, &o.mix, "plan tasks that any backend may compute, apart from those of one backend; the table says what they mix")
	cmd.Flags().IntVar(&o.jobs, "jobs", 0, "run `N` tasks at a time (default 2 on two cores or more, 1 at the scale paper)")
	cmd.Flags().BoolVar(&o.plan, "plan", false, "list the tasks, which are done, and about how long the others take, and do nothing")
	cmd.Flags().StringVar(&o.task, "task", "", "run the one task of that `KEY`, whose needs are done")
	_ = cmd.Flags().MarkHidden("task")
	cmd.RunE = a.Work(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		err := o.define(cmd, args[0])
		if err == nil {
			err = o.check(cmd)
		}
		if err != nil {
			return err
		}
		g, err := o.expand(cmd)
		if err == nil && o.on == "slurm" && !o.mix && !cmd.Flags().Changed("backend") {
			err = cmd.Flags().Set("backend", o.Backend) // the tasks' machines plan for the same
		}
		if err == nil && !o.plan && o.task == "" {
			err = o.prepare(a, g)
		}
		if err == nil && o.Corpus != study.Controlled && o.task == "" {
			err = a.InspectCorpus(o.Corpus)
		}
		switch {
		case err != nil:
			return err
		case o.plan:
			return plan(a, g, o.jobs)
		case o.task != "":
			return runTask(ctx, a, cmd, g, o.task)
		}
		exec := work.Local(&work.Worker{Warn: a.Warn, Device: o.device}, o.jobs)
		if o.on == "slurm" {
			operand, err := o.shared(g, args[0])
			if err != nil {
				return err
			}
			jobs, err := o.slurm.work(cmd, operand, o.own(args[0]))
			if err != nil {
				return err
			}
			exec = work.Slurm(jobs, a.Warn)
		}
		return runStudy(ctx, a, g, o, exec)
	})
	return cmd
}

// usualSeeds says which seeds the scales have.
func usualSeeds() string {
	last := func(name, scale string) int64 { return slices.Max(study.DefaultSeeds(name, scale)) }
	usual := last("", study.Demo)
	others := map[int64][]string{} // the studies by their last seed
	for _, name := range study.Names() {
		if n := last(name, study.Demo); n != usual {
			others[n] = append(others[n], name)
		}
	}
	var but []string
	for _, n := range slices.Sorted(maps.Keys(others)) {
		but = append(but, fmt.Sprintf("to %d of %s", n, strings.Join(others[n], ", ")))
	}
	return fmt.Sprintf("1 to %d at tiny, 1 to %d at demo but %s, 1 to %d at paper", last("", study.Tiny), usual,
		strings.Join(but, ", "), last("", study.Paper))
}

func (o *studyCall) check(cmd *cobra.Command) error {
	scales := []string{study.Tiny, study.Demo, study.Paper}
	switch {
	case !slices.Contains(scales, o.Scale):
		return cli.Usagef(cmd, "--scale: %q is none of tiny, demo and paper", o.Scale)
	case o.on != "local" && o.on != "slurm":
		return cli.Usagef(cmd, "--on: %q is unknown, want local or slurm", o.on)
	case o.mix && cmd.Flags().Changed("backend"):
		return cli.Usagef(cmd, "--backend: not with --mix-backends")
	case o.jobs < 0 || o.jobs == 0 && cmd.Flags().Changed("jobs"):
		return cli.Usagef(cmd, "--jobs: %d is below 1", o.jobs)
	}
	var scratch recipe.Recipe
	for _, set := range o.Set {
		if err := scratch.Set(set); err != nil {
			return cli.Usagef(cmd, "--set: %v", err)
		}
	}
	if o.jobs == 0 { // steps of small models leave a core idle
		o.jobs = min(2, runtime.NumCPU())
		if o.Scale == study.Paper {
			o.jobs = 1
		}
	}
	return o.slurm.check(cmd, o.on)
}

// prepare makes sure that the study's directories are its own and can be written to. The table of another study is not replaced.
func (o *studyCall) prepare(a *cli.App, g *study.Grid) error {
	for _, dir := range []string{o.out, o.Runs} {
		if err := a.PrepareDir(dir); err != nil {
			return err
		}
	}
	if _, err := outdir.Check(o.out, report.StudyKind); err != nil {
		return fmt.Errorf("study: %w", err)
	}
	if name, scale, ok := report.StudyIn(o.out); ok && (name != g.Name || scale != g.Scale) {
		return fmt.Errorf("study: %s has the table of study %s at scale %s: give another --out, or remove it", o.out, name, scale)
	}
	return nil
}

// expand makes the study's tasks.
func (o *studyCall) expand(cmd *cobra.Command) (*study.Grid, error) {
	if o.Corpus == grid.Emoji {
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
		o.out = filepath.Join(o.Runs, "study-"+grid.Slug(o.study.Name)+"-"+o.Scale)
	}
	switch {
	case o.mix:
		o.Backend = backends.Any
	case o.Backend == "" && o.on == "slurm" && o.slurm.onGPU():
		o.Backend = backends.CUDA
	case o.Backend == "":
		return o.plannedHere(cmd)
	}
	return o.planned(cmd)
}

// plannedHere plans the study for this machine's backend. To open one takes as long as to table a study that is done: it is not
// opened where all is done by the backend that it will be.
func (o *studyCall) plannedHere(cmd *cobra.Command) (g *study.Grid, err error) {
	if setting, ok := backends.Foresee(); ok {
		o.Backend = setting
		if g, err = o.planned(cmd); err != nil || g.Done() {
			return g, err
		}
	}
	d, err := o.device()
	if err != nil {
		return nil, err
	}
	if is := backends.Setting(d.Backend); g == nil || is != o.Backend {
		o.Backend = is
		return o.planned(cmd)
	}
	return g, nil
}

// openDevice opens this machine's backend.
func openDevice(a *cli.App) (o trainer.Options, err error) {
	var info backends.Info
	if o.Backend, info, err = backends.Open(); err != nil {
		return o, err
	}
	a.WarnOfBackend(info)
	o.Backend = compilecache.New(o.Backend)
	return o, nil
}

// plannedTask is a task as --plan lists it.
type plannedTask struct {
	Key   string    `json:"task"`
	Kind  task.Kind `json:"kind"`
	Label string    `json:"label"`
	Needs []string  `json:"needs"`
	Done  bool      `json:"done"`
}

// plan lists the tasks of a grid in an order in which they can be run.
func plan(a *cli.App, g *study.Grid, jobs int) error {
	meter := work.NewMeter(g)
	forecast := meter.Forecast(jobs)
	var list []plannedTask
	for _, t := range g.Tasks {
		list = append(list, plannedTask{t.Key, t.Kind, t.Label, cli.NonNil(t.Needs), meter.Done(t)})
	}
	result := map[string]any{"study": g.Name, "tasks": list, "done": forecast.Done, "minutes": forecast.Minutes()}
	return a.Result(result, func(w io.Writer) {
		for _, t := range list {
			state := ""
			if t.Done {
				state = ", done"
			}
			fmt.Fprintf(w, "%s  %-8s  %s%s\n", t.Key, t.Kind, text.OneLine(t.Label), state)
		}
		fmt.Fprintln(w, forecast.Text())
	})
}

// runTask runs one task of a grid, for a machine that has been given it.
func runTask(ctx context.Context, a *cli.App, cmd *cobra.Command, g *study.Grid, key string) error {
	t, ok := g.Task(key)
	if !ok {
		return cli.Usagef(cmd, "--task: the study has no task %q under these flags", key)
	}
	w := &work.Worker{Warn: a.Warn}
	if err := w.Run(ctx, g, t); err != nil {
		return err
	}
	return a.Result(map[string]string{"task": t.Key, "kind": string(t.Kind)}, func(out io.Writer) {
		fmt.Fprintf(out, "%s of %s: done\n", t.Kind, text.OneLine(t.Label))
	})
}

// studyResult is what the command prints of a study.
type studyResult struct {
	Runs    int      `json:"runs"`  // tasks of the grid
	Table   string   `json:"table"` // table.json
	Figures []string `json:"figures"`
	Failed  int      `json:"failed"` // cells
}

// runStudy runs a grid and writes what it found.
func runStudy(ctx context.Context, a *cli.App, g *study.Grid, o studyCall, exec work.Executor) error {
	if err := exec(ctx, g, progress(a.Console, g, o.jobs)); err != nil {
		return err
	}
	found, err := table.Collect(g)
	if err != nil {
		return err
	}
	if err := outdir.Take(o.out, report.StudyKind); err != nil {
		return err
	}
	r := studyResult{Runs: len(g.Tasks), Failed: found.FailedCells(), Figures: []string{}}
	if r.Table, err = report.WriteStudy(o.out, "table", found); err != nil {
		return err
	}
	scores, err := figure.CSV(report.StudyScores(found))
	if err == nil {
		err = atomicfile.WriteData(filepath.Join(o.out, "scores.csv"), scores)
	}
	if err != nil {
		return fmt.Errorf("study: %w", err)
	}
	figures, err := studyplots.Study(r.Table)
	if err != nil {
		return err
	}
	for _, f := range figures {
		if r.Failed == len(found.Cells) {
			break // there is nothing to draw
		}
		if _, _, err := f.Figure.Write(o.out, f.Name); err != nil {
			return err
		}
		r.Figures = append(r.Figures, filepath.Join(o.out, f.Name+".png"))
	}
	if err := a.Result(r, func(out io.Writer) { fmt.Fprintf(out, "%s\n%s\n", report.StudyMarkdown(found), r.Table) }); err != nil {
		return err
	}
	if r.Failed > 0 {
		return fmt.Errorf("study: %s of %d failed; %s lists why, and the same line tries them again", text.Count(r.Failed, "cell"),
			len(found.Cells), r.Table)
	}
	return nil
}

// progress returns a report function for a grid: what it takes at first, then its bar and the time left, and a line for every task
// that fails.
func progress(c *cli.Console, g *study.Grid, jobs int) func(work.Event) {
	m := work.NewMeter(g)
	forecast := m.Forecast(jobs)
	var once sync.Once // not before there is a machine to work on
	return func(e work.Event) {
		once.Do(func() { _, _ = fmt.Fprintf(c, "vsim: study %s: %s\n", g.Name, forecast.Text()) })
		if !m.Event(e) {
			return
		}
		if e.State == work.Failed {
			_, _ = fmt.Fprintf(c, "vsim: study: %s of %s failed: %s\n", e.Task.Kind, e.Task.Label, text.OneLine(e.Err.Error()))
		}
		s := m.Standing(jobs)
		c.Progress("study", s.Line("study "+g.Name), s.Done+s.Failed == s.Tasks)
	}
}
