// SPDX-License-Identifier: Apache-2.0

// Package cli has what all subcommands of vsim share: a call of the command with its exit code, stderr with progress, what signals
// do, how a wrong command line is refused, and the flags that make a recipe.
package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"vsim/vsimlib/lock"
	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
)

// Exit codes. That of a signal is 128 plus its number.
const (
	ExitDone   = 0
	ExitFailed = 1
	ExitUsage  = 2
)

// App is one call of the command: where it writes, and how far it got.
type App struct {
	Out     io.Writer // the result
	Console *Console  // progress, warnings and the error
	JSON    bool      // --json, as parsed

	sink    *sink
	asked   bool     // --json stands on the command line, which may not be one that can be parsed
	started bool     // the arguments were good and the subcommand's own work began
	printed bool     // the result is on out
	notRead []string // of the corpus that was opened; nil where none was
	verb    string
	over    sync.Once // one last word, though a signal may end the process while its work ends too
}

// New is a call that writes its result to out.
func New(out io.Writer, console *Console) *App {
	to := &sink{Writer: out}
	return &App{Out: to, sink: to, Console: console, verb: "vsim"}
}

// sink is where results go. It keeps the first error, for writers that pass over theirs, as that of the help does.
type sink struct {
	io.Writer
	err error
}

// Write writes on.
func (s *sink) Write(p []byte) (n int, err error) {
	n, err = s.Writer.Write(p)
	if s.err == nil {
		s.err = err
	}
	return n, err
}

// unprinted is the error of a call whose result is not on out.
func (a *App) unprinted() error {
	if a.sink.err == nil {
		return nil
	}
	return fmt.Errorf("the result cannot be printed: %w", a.sink.err)
}

// Verb is the name of the subcommand that runs, such as "data check", and the program's name before one does.
func (a *App) Verb() string { return a.verb }

// Main executes one command line with the tree of subcommands that newRoot builds, and returns its exit code. Results go to out,
// everything else to err. It ends the process itself where a signal does not wait for the work.
func Main(args []string, out, err *os.File, newRoot func(*App) *cobra.Command) int {
	klog.SetLogger(logr.Discard()) // go-xla's log says what its errors say
	a := New(out, NewConsole(ScreenOf(err)))
	a.asked = slices.Contains(args, "--json")
	ctx, stop := withSignals(context.Background(), patience, a.forced)
	defer stop()
	lock.Warn = a.Warn
	defer a.Console.keepAlive()()
	problem := a.execute(ctx, args, newRoot)
	a.Console.Done()
	if problem == nil {
		return ExitDone
	}
	code, line := a.verdict(ctx, problem)
	a.fail(line)
	return code
}

// execute runs the command line; a panic anywhere below becomes an error.
func (a *App) execute(ctx context.Context, args []string, newRoot func(*App) *cobra.Command) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: internal error: %v", a.verb, r)
		}
	}()
	root := newRoot(a)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	broken := a.unprinted()
	switch {
	case broken != nil && (err == nil || !a.started):
		return broken
	case err != nil && !a.started:
		return usage(cmd, err)
	}
	return err
}

// verdict returns the exit code and the one line of an error.
func (a *App) verdict(ctx context.Context, err error) (int, string) {
	var wrong *usageError
	var by *signalled
	line := text.OneLine(err.Error())
	switch {
	case errors.As(err, &wrong):
		return ExitUsage, line
	case !errors.As(context.Cause(ctx), &by):
		return ExitFailed, line
	case errors.Is(err, trainer.ErrStopped):
		return by.code(), line
	case err == ctx.Err() || line == context.Canceled.Error():
		return by.code(), a.verb + ": " + by.Error()
	}
	return by.code(), by.explain(line)
}

// forced ends the process while its work is still going on: what is on disk is whole at any moment.
func (a *App) forced(by *signalled) {
	a.fail(a.verb + ": " + by.Error() + " in the middle of a step; what is on disk is whole, and the same command does the rest")
	os.Exit(by.code())
}

// fail writes an error to stderr, and in JSON where nothing else was printed.
func (a *App) fail(line string) {
	a.over.Do(func() {
		a.Console.Done()
		_, _ = fmt.Fprintln(a.Console, "vsim: "+line)
		if (a.JSON || a.asked) && !a.printed {
			_ = a.writeJSON(map[string]string{"error": line})
		}
	})
}

// Work is a subcommand's own work, run once its arguments are good.
func (a *App) Work(do func(ctx context.Context, cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.started, a.verb = true, CommandName(cmd)
		return do(cmd.Context(), cmd, args)
	}
}

// Result prints what a subcommand found: the value as JSON, or what human writes.
func (a *App) Result(value any, human func(w io.Writer)) error {
	a.Console.Done()
	a.printed = true
	var err error
	if a.JSON {
		err = a.writeJSON(value)
	} else {
		var summary bytes.Buffer
		human(&summary)
		_, err = io.WriteString(a.Out, text.CleanLines(summary.String())) // it may have names from files
	}
	if err != nil {
		return fmt.Errorf("%s: the result cannot be printed: %w", a.verb, err)
	}
	return nil
}

// Stream prints a result that is too long to be collected: write writes it piece by piece, and nothing that steers a terminal.
func (a *App) Stream(write func(w io.Writer) error) error {
	a.Console.Done()
	a.printed = true
	buffered := bufio.NewWriter(a.Out)
	err := write(buffered)
	if flushed := buffered.Flush(); flushed != nil {
		return fmt.Errorf("%s: the result cannot be printed: %w", a.verb, flushed)
	}
	return err
}

// writeJSON writes one object on one line. Where a corpus was opened, it also has what of it was not read.
func (a *App) writeJSON(value any) error {
	line, err := jsonLine(value)
	if err == nil && a.notRead != nil {
		line, err = withKey(line, "not_read", a.notRead)
	}
	if err != nil {
		return err
	}
	_, err = a.Out.Write(line)
	return err
}

// jsonLine encodes a value on one line.
func jsonLine(value any) ([]byte, error) {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return text.EscapeJSON(line.Bytes()), err
}

// withKey adds a key behind the others of an encoded object.
func withKey(object []byte, key string, value any) ([]byte, error) {
	added, err := jsonLine(map[string]any{key: value})
	if err != nil {
		return nil, err
	}
	head := bytes.TrimSuffix(bytes.TrimSpace(object), []byte("}"))
	if len(head) > 1 {
		head = append(head, ',')
	}
	return append(head, added[1:]...), nil
}
