// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
	"vsim/vsimlib/study"
	"vsim/vsimlib/text"
)

const reproduceLong = `Set up what is missing (as vsim setup), then execute every notebook of notebooks/ headless, in order, with
the GoNB kernel.

  tiny  the default: every step in seconds, scores mean nothing; executed copies, figures and results are left under
        data/runs/reproduce-tiny/ and nothing that git tracks is touched
  demo  renders notebooks/, figures/ and data/results/ anew; its runs are left under data/runs/demo/, those of studies under
        data/runs/study/, which they share with vsim study

Finished runs are not repeated, and a stopped command continues; --force removes the runs in that folder first, but at demo not the
studies', and no file that vsim did not write.
With VSIM_STUDY=collect in the environment studies train nothing and show the results that exist.`

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

func newReproduce(a *app) *cobra.Command {
	scale := scaleTiny
	var force bool
	cmd := &cobra.Command{
		Use: "reproduce [--scale tiny|demo]", Short: "Set up, then execute every notebook", Long: reproduceLong,
		Example: `  vsim reproduce
  vsim reproduce --scale demo`,
		Args: noArgs,
	}
	cmd.Flags().Var(&scale, "scale", "how large the runs are")
	cmd.Flags().BoolVar(&force, "force", false, "train anew instead of taking runs that are done")
	cmd.RunE = a.work(func(ctx context.Context, _ *cobra.Command, _ []string) error {
		root, err := jupyter.Root(".")
		if err != nil {
			return err
		}
		p := newReproduction(root, scale)
		notebooks, err := p.notebooks()
		if err != nil {
			return err
		}
		if _, err := a.setUp(ctx, root, jupyter.Setup); err != nil {
			return err
		}
		if force {
			if err := clearRuns(p.work); err != nil {
				return fmt.Errorf("reproduce: %w", err)
			}
		}
		seconds := map[string]float64{}
		for _, notebook := range notebooks {
			name := strings.TrimSuffix(filepath.Base(notebook), ".ipynb")
			if seconds[name], err = p.execute(ctx, a, notebook, name); err != nil {
				return err
			}
		}
		return a.result(map[string]any{"notebooks": seconds, "scale": scale, "out": p.rendered}, func(w io.Writer) {
			fmt.Fprintf(w, "executed %s: %s\n", text.Count(len(notebooks), "notebook"), p.rendered)
		})
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
	p := reproduction{root: root, scale: string(scale)}
	if scale == scaleDemo {
		p.work = filepath.Join(root, "data", "runs", "demo")
		p.runs, p.executed, p.rendered = p.work, filepath.Join(p.work, "notebooks"), filepath.Join(root, "notebooks")
		p.figures, p.small = filepath.Join(root, "figures"), filepath.Join(root, "data", "results")
		return p
	}
	p.work = filepath.Join(root, "data", "runs", "reproduce-tiny")
	p.runs, p.executed = filepath.Join(p.work, "runs"), filepath.Join(p.work, "notebooks")
	p.rendered = p.executed
	p.figures, p.small = filepath.Join(p.work, "figures"), filepath.Join(p.work, "results")
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
		return study.Reset(dir)
	})
}

// env gives the notebooks' cells their folders (package workspace).
func (p reproduction) env() []string {
	return []string{
		"VSIM_SCALE=" + p.scale, "VSIM_ROOT=" + p.root, "VSIM_RUNS=" + p.runs,
		"VSIM_FIGURES=" + p.figures, "VSIM_RESULTS=" + p.small,
	}
}

// notebooks lists the notebooks in the order of their names, which begin with numbers.
func (p reproduction) notebooks() ([]string, error) {
	found, err := filepath.Glob(filepath.Join(p.root, "notebooks", "*.ipynb"))
	if err != nil {
		return nil, fmt.Errorf("reproduce: %w", err)
	}
	found = slices.DeleteFunc(found, func(path string) bool { return strings.HasSuffix(path, ".partial.ipynb") })
	if len(found) == 0 {
		return nil, fmt.Errorf("reproduce: no notebooks in %s", filepath.Join(p.root, "notebooks"))
	}
	slices.Sort(found)
	return found, nil
}

// execute runs one notebook and copies the result to the rendered ones. It returns how long that took.
func (p reproduction) execute(ctx context.Context, a *app, notebook, name string) (seconds float64, err error) {
	for _, dir := range []string{p.runs, p.executed, p.figures, p.small} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return 0, fmt.Errorf("reproduce: %w", err)
		}
	}
	began := time.Now()
	out := filepath.Join(p.executed, name+".ipynb")
	if err := jupyter.Execute(ctx, p.root, notebook, out, p.env(), a.err.cells(name)); err != nil {
		return 0, err
	}
	if p.rendered != p.executed {
		if err := replace(out, filepath.Join(p.rendered, name+".ipynb")); err != nil {
			return 0, fmt.Errorf("reproduce: %w", err)
		}
	}
	seconds = time.Since(began).Seconds()
	a.err.progress(name, note(fmt.Sprintf("%s: done in %s", name, text.Duration(time.Since(began)))), true)
	a.err.done()
	return seconds, nil
}

// replace copies a file over another, which is never seen half written.
func replace(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return atomicfile.Write(to, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// narrow is a terminal in which what a cell does is worth more than the notebook's name.
const narrow = 60

// cells returns a report function for package jupyter that shows which cell runs, and the last line it showed.
func (c *console) cells(name string) func(jupyter.Event) {
	return func(e jupyter.Event) {
		line := note(fmt.Sprintf("%s: cell %d/%d", name, e.Cell, e.Cells))
		if e.State == jupyter.Started {
			line.Work = fmt.Sprintf("%s: %s", name, text.Count(e.Cells, "cell"))
		} else if c.terminal && c.width() < narrow {
			line.Work = fmt.Sprintf("cell %d/%d", e.Cell, e.Cells)
		}
		if e.State == jupyter.Output && e.Text != "" {
			said := text.OneLine(e.Text)
			if !c.terminal {
				said = shortened(said)
			}
			line.More = strings.Split(said, " · ") // as package nb separates the parts of its own lines
		}
		c.progress(name, line, false)
	}
}

// shortened keeps a cell's output to a line of a log: a figure's description can be a paragraph.
func shortened(s string) string {
	const most = 100
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
