// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/proc"
)

// driver executes one notebook with nbclient and reports its progress; see its own comment.
//
//go:embed driver.py
var driver string

// States of an Event.
const (
	Started = "start"  // the notebook was read; Cells is known
	Running = "begin"  // a cell has begun
	Output  = "output" // a cell shows something; Text is its last line
	Done    = "end"    // a cell is done after Seconds
)

// Event is a step in the execution of a notebook.
type Event struct {
	Notebook string  // as given to Execute
	State    string  // Started, Running, Output or Done
	Cell     int     // the code cell's number, from 1
	Cells    int     // how many code cells there are
	Seconds  float64 // of Done
	Text     string  // of Output
}

// Execute runs one notebook headless, in a kernel of its own, and writes the executed copy to out once all cells are
// done. Cells may take as long as they need. env is added to the environment, as NAME=VALUE; progress may be nil.
//
// When a cell fails, the error is one line with the notebook, the cell's number and the reason; the partly executed copy
// is left next to out, with .partial before the extension. When ctx ends, the running cell is interrupted as by the
// notebook's stop button, the kernel and its children are ended, and the partial copy is left too.
func Execute(ctx context.Context, root, notebook, out string, env []string, progress func(Event)) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return fmt.Errorf("jupyter: %w", err)
	}
	p := checkout{root}
	if lacks := missing(p.parts()); len(lacks) > 0 {
		return fmt.Errorf("jupyter: %s is not installed in %s; run `vsim setup`", lacks[0].name, p.dir())
	}
	if _, err := os.Stat(notebook); err != nil {
		return fmt.Errorf("jupyter: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return fmt.Errorf("jupyter: %w", err)
	}
	partial := partialName(out)
	e := &execution{event: Event{Notebook: notebook}, progress: progress}
	err = e.run(ctx, p, env, notebook, out, partial)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && e.event.Cell == 0:
		return fmt.Errorf("jupyter: %s: stopped before its first cell: %w", notebook, ctx.Err())
	case ctx.Err() != nil:
		return fmt.Errorf("jupyter: %s: stopped in code cell %d: %w", notebook, e.event.Cell, ctx.Err())
	case e.failure != "" && e.failedCell > 0:
		return fmt.Errorf("jupyter: %s: code cell %d: %s (partly executed copy: %s)", notebook, e.failedCell, e.failure, partial)
	case e.failure != "":
		return fmt.Errorf("jupyter: %s: %s", notebook, e.failure)
	default:
		return fmt.Errorf("jupyter: %s: %w", notebook, err)
	}
}

// partialMark is in the name of a partly executed copy.
const partialMark = ".partial"

// partialName is where a partly executed copy goes: a.ipynb becomes a.partial.ipynb.
func partialName(out string) string {
	ext := filepath.Ext(out)
	return strings.TrimSuffix(out, ext) + partialMark + ext
}

// execution follows one run of the driver.
type execution struct {
	event      Event
	progress   func(Event)
	failure    string // why it failed, as the driver says
	failedCell int
}

func (e *execution) run(ctx context.Context, p checkout, env []string, notebook, out, partial string) error {
	// The driver comes through a pipe of its own, so that no file of it can be stale.
	source, feed, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	go func() {
		_, _ = io.WriteString(feed, driver)
		_ = feed.Close()
	}()
	const load = "import os; exec(compile(os.fdopen(3, encoding='utf-8').read(), 'driver.py', 'exec'))"
	cmd := proc.Command(ctx, p.python(), "-I", "-c", load, notebook, out, partial, Kernel)
	cmd.ExtraFiles = []*os.File{source} // descriptor 3
	cmd.Env = append(append(p.env(os.Environ(), false), goplsEnv+"=off"), env...)
	var tail proc.Tail
	cmd.Stderr = &tail
	// The driver takes the end of its stdin for the end of this process.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	defer func() { _ = stdin.Close() }()
	events, lines := io.Pipe()
	cmd.Stdout = lines
	read := make(chan error, 1)
	go func() { read <- e.follow(events) }()
	err = proc.Run(cmd)
	_ = lines.Close()
	if readErr := <-read; err == nil {
		err = readErr
	}
	if line := tail.LastLine(); err != nil && line != "" {
		return fmt.Errorf("%w: %s", err, line)
	}
	return err
}

// follow reads the driver's lines until they end. It reads on after a bad line, so that the driver is never blocked.
func (e *execution) follow(r io.Reader) (err error) {
	lines := bufio.NewReader(r)
	for {
		line, readErr := lines.ReadString('\n')
		if strings.TrimSpace(line) != "" {
			err = errors.Join(err, e.line(line))
		}
		if readErr == io.EOF {
			return err
		}
		if readErr != nil {
			return errors.Join(err, readErr)
		}
	}
}

// line takes one JSON line of the driver.
func (e *execution) line(line string) error {
	var msg struct {
		Event   string  `json:"event"`
		Cell    int     `json:"cell"`
		Cells   int     `json:"cells"`
		Seconds float64 `json:"seconds"`
		Text    string  `json:"text"`
	}
	if err := json.Unmarshal([]byte(line), &msg); err != nil {
		return fmt.Errorf("driver's line %.60q: %w", line, err)
	}
	ev := &e.event
	ev.State, ev.Seconds, ev.Text = msg.Event, msg.Seconds, msg.Text
	switch msg.Event {
	case Started:
		ev.Cells = msg.Cells
	case Running, Done:
		ev.Cell = msg.Cell
	case "error":
		e.failure, e.failedCell = msg.Text, msg.Cell
		return nil
	case Output:
	default:
		return nil // for people who read the driver's lines
	}
	if e.progress != nil {
		e.progress(*ev)
	}
	return nil
}
