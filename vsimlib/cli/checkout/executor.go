// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/cli"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/text"
)

// executor executes notebooks headless, in one environment.
type executor struct {
	root    string
	env     []string
	out     string             // folder of the executed copies
	seconds map[string]float64 // of each notebook, by name
}

// execute runs one notebook and returns the executed copy.
func (e *executor) execute(ctx context.Context, a *cli.App, notebook string) (out string, err error) {
	began, name := time.Now(), notebookName(notebook)
	out = filepath.Join(e.out, name+".ipynb")
	a.Console.Begin(cli.Note(name + ": starting the kernel"))
	if err := jupyter.Execute(ctx, e.root, notebook, out, e.env, cells(a.Console, name)); err != nil {
		return "", err
	}
	if e.seconds == nil {
		e.seconds = map[string]float64{}
	}
	e.seconds[name] = time.Since(began).Seconds()
	a.Console.Progress(name, cli.Note(fmt.Sprintf("%s: done in %s", name, text.Duration(time.Since(began)))), true)
	a.Console.Done()
	return out, nil
}

// notebookName is the name of a notebook's file without its extension.
func notebookName(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// replace copies a file over another, which is never seen half written.
func replace(from, to string) error {
	data, err := filetype.ReadFile(from)
	if err != nil {
		return err
	}
	return atomicfile.WriteData(to, data)
}

// narrow is a terminal in which what a cell does is worth more than the notebook's name.
const narrow = 60

// cells returns a report function for package jupyter that shows which cell runs, and the last line it showed.
func cells(c *cli.Console, name string) func(jupyter.Event) {
	return func(e jupyter.Event) {
		line := cli.Note(fmt.Sprintf("%s: cell %d/%d", name, e.Cell, e.Cells))
		if e.State == jupyter.Started {
			line.Work = fmt.Sprintf("%s: %s", name, text.Count(e.Cells, "cell"))
		} else if c.Columns() > 0 && c.Columns() < narrow {
			line.Work = fmt.Sprintf("cell %d/%d", e.Cell, e.Cells)
		}
		if e.State == jupyter.Output && e.Text != "" {
			said := text.OneLine(e.Text)
			if c.Columns() == 0 {
				said = shortened(said)
			}
			line.More = strings.Split(said, " · ") // as package nb separates the parts of its own lines
		}
		c.Progress(name, line, false)
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
