// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
	"vsim/vsimlib/study/task"
)

const reproduceLong = `Set up what is missing (as vsim setup), then execute the project's notebooks headless, in order, with the
GoNB kernel. It says first what that takes, and ends with the scores and where the pictures are.

  tiny  the default: every step in seconds, scores mean nothing; executed copies, figures and results are left under
        data/runs/reproduce-tiny/ and nothing that git tracks is touched
  demo  renders notebooks/, figures/ and data/results/ anew; its runs are left under data/runs/reproduce-demo/, those of studies
        under data/runs/study/, which they share with vsim study

Finished runs are not repeated, and a stopped command continues; --force removes the runs in that folder first, but at demo not the
studies', and no file that vsim did not write.
With VSIM_STUDY=collect in the environment studies train nothing and show the results that exist. Your own notebooks in notebooks/
are not executed: vsim run does that.`

// scaleFlag is a --scale of a fixed set of names.
type scaleFlag string

// Scales of a reproduction.
const (
	scaleTiny scaleFlag = competition.ScaleTiny
	scaleDemo scaleFlag = competition.ScaleDemo
)

func (s *scaleFlag) String() string { return string(*s) }
func (s *scaleFlag) Type() string   { return "tiny|demo" }
func (s *scaleFlag) Set(v string) error {
	if v != string(scaleTiny) && v != string(scaleDemo) {
		return fmt.Errorf("want tiny or demo")
	}
	*s = scaleFlag(v)
	return nil
}

func newReproduce(a *cli.App) *cobra.Command {
	scale := scaleTiny
	var force bool
	cmd := &cobra.Command{
		Use: "reproduce [--scale tiny|demo]", Short: "Set up, then execute every notebook", Long: reproduceLong,
		Example: `  vsim reproduce
  vsim reproduce --scale demo`,
		Args: cli.NoArgs,
	}
	cmd.Flags().Var(&scale, "scale", "how large the runs are")
	cmd.Flags().BoolVar(&force, "force", false, "train anew instead of taking runs that are done")
	cmd.RunE = a.Work(func(ctx context.Context, _ *cobra.Command, _ []string) error {
		root, err := jupyter.Root(".")
		if err != nil {
			return err
		}
		p := newReproduction(root, scale)
		notebooks, err := p.notebooks(a.Console)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(a.Console, "vsim: reproduce: "+p.forecast(everythingInstalled(root)))
		if _, err := setUp(ctx, a, root, jupyter.Setup); err != nil {
			return err
		}
		if force {
			if err := clearRuns(p.work); err != nil {
				return fmt.Errorf("reproduce: %w", err)
			}
		}
		return p.run(ctx, a, notebooks)
	})
	return cmd
}

// reproduction has the folders of one scale.
type reproduction struct {
	root, scale    string
	work           string // everything below it may be made again
	executed       string // copies of the notebooks as they were executed
	rendered       string // folder of the notebooks for readers
	runs           string // run directories
	figures, small string // figures and result files
}

func newReproduction(root string, scale scaleFlag) reproduction {
	work := filepath.Join(root, "data", "runs", "reproduce-"+string(scale))
	p := reproduction{root: root, scale: string(scale), work: work, executed: filepath.Join(work, "notebooks"),
		runs: filepath.Join(work, "runs"), figures: filepath.Join(work, "figures"), small: filepath.Join(work, "results")}
	p.rendered = p.executed
	if scale == scaleDemo {
		p.rendered, p.figures = filepath.Join(root, "notebooks"), filepath.Join(root, "figures")
		p.small = filepath.Join(root, "data", "results")
	}
	return p
}

// clearRuns removes the runs below a folder, and makes the tasks of studies in it undone. All else stays; what is executed again is
// written over.
func clearRuns(folder string) error {
	return filepath.WalkDir(folder, func(dir string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.IsDir() {
			return err
		}
		if made, err := outdir.Check(dir, run.Kind); err == nil && made {
			if err := run.Dir(dir).Clear(); err != nil {
				return err
			}
			return fs.SkipDir
		}
		return task.Reset(dir)
	})
}

// env gives the notebooks' cells their folders (package workspace) and the presets without changes.
func (p reproduction) env() []string {
	return []string{
		"VSIM_SCALE=" + p.scale, "VSIM_SET=", "VSIM_ROOT=" + p.root, "VSIM_RUNS=" + p.runs,
		"VSIM_FIGURES=" + p.figures, "VSIM_RESULTS=" + p.small,
	}
}

// notebooks lists the project's notebooks in reading order. Those that are missing, and a user's own, are logged and left out.
func (p reproduction) notebooks(log io.Writer) ([]string, error) {
	found, missing := jupyter.Notebooks(p.root)
	if len(found) == 0 {
		folder := filepath.Join(p.root, "notebooks")
		return nil, fmt.Errorf("reproduce: no notebooks in %s; `git checkout notebooks` restores them", folder)
	}
	for _, path := range missing {
		_, _ = fmt.Fprintf(log, "vsim: reproduce: %s is missing and left out; `git checkout notebooks` restores it\n", shown(path))
	}
	if own := jupyter.OwnNotebooks(p.root); len(own) > 0 {
		_, _ = fmt.Fprintf(log, "vsim: reproduce: not executed, as your own: %s\n", strings.Join(allShown(own), ", "))
	}
	return found, nil
}

// run executes the notebooks and reports what they found.
func (p reproduction) run(ctx context.Context, a *cli.App, notebooks []string) error {
	for _, dir := range []string{p.runs, p.executed, p.figures, p.small} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return fmt.Errorf("reproduce: %w", err)
		}
	}
	began := time.Now()
	e := executor{root: p.root, env: p.env(), out: p.executed}
	for _, path := range notebooks {
		out, err := e.execute(ctx, a, path)
		if err != nil {
			return err
		}
		if p.rendered != p.executed {
			if err := replace(out, filepath.Join(p.rendered, filepath.Base(path))); err != nil {
				return fmt.Errorf("reproduce: %w", err)
			}
		}
	}
	r, err := p.report(e.seconds, time.Since(began))
	if err != nil {
		return err
	}
	return a.Result(r, r.write)
}

// shown is a path as a message names it: relative to the present folder, where it is inside.
func shown(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	relative, err := filepath.Rel(here, path)
	if err != nil || strings.HasPrefix(relative, "..") {
		return path
	}
	return relative
}

// allShown is shown of every path.
func allShown(paths []string) []string {
	var list []string
	for _, path := range paths {
		list = append(list, shown(path))
	}
	return list
}
