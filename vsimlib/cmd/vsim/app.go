// SPDX-License-Identifier: Apache-2.0

package main

import (
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

	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
)

// Exit codes; a signal's is 128 plus its number.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// app is one call of the command: where it writes, and how far it got.
type app struct {
	out     io.Writer
	err     *console
	json    bool     // --json, as parsed
	asked   bool     // --json stands on the command line, which may not be one that can be parsed
	started bool     // the arguments were good and the subcommand's own work began
	printed bool     // the result is on out
	notRead []string // of the corpus that was opened; nil where none was
	verb    string
	over    sync.Once // one last word, though a signal may end the process while its work ends too
}

// command executes one command line and returns its exit code.
func command(args []string, out, err *os.File) int {
	klog.SetLogger(logr.Discard()) // go-xla's log says what its errors say
	a := &app{out: out, err: newConsole(err), verb: "vsim", asked: slices.Contains(args, "--json")}
	ctx, stop := withSignals(context.Background(), patience, a.forced)
	defer stop()
	defer a.err.keepAlive()()
	problem := a.execute(ctx, args)
	a.err.done()
	if problem == nil {
		return exitDone
	}
	code, line := a.verdict(ctx, problem)
	a.fail(line)
	return code
}

// execute runs the command line; a panic anywhere below becomes an error.
func (a *app) execute(ctx context.Context, args []string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: internal error: %v", a.verb, r)
		}
	}()
	root := newRoot(a)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !a.started {
		return usage(cmd, err)
	}
	return err
}

// verdict returns the exit code and the one line of an error.
func (a *app) verdict(ctx context.Context, err error) (int, string) {
	var wrong *usageError
	var by *signalled
	line := text.OneLine(err.Error())
	switch {
	case errors.As(err, &wrong):
		return exitUsage, line
	case !errors.As(context.Cause(ctx), &by):
		return exitFailed, line
	case errors.Is(err, trainer.ErrStopped):
		return by.code(), line
	case err == ctx.Err() || line == context.Canceled.Error():
		return by.code(), a.verb + ": " + by.Error()
	}
	return by.code(), by.explain(line)
}

// forced ends the process while its work is still going on: what is on disk is whole at any moment.
func (a *app) forced(by *signalled) {
	a.fail(a.verb + ": " + by.Error() + " in the middle of a step; what is on disk is whole, and the same command does the rest")
	os.Exit(by.code())
}

// fail tells an error on stderr, and in JSON where nothing else was printed.
func (a *app) fail(line string) {
	a.over.Do(func() {
		a.err.done()
		_, _ = fmt.Fprintln(a.err, "vsim: "+line)
		if (a.json || a.asked) && !a.printed {
			_ = a.writeJSON(map[string]string{"error": line})
		}
	})
}

// work is a subcommand's own work, run once its arguments are good.
func (a *app) work(do func(ctx context.Context, cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.started, a.verb = true, commandName(cmd)
		return do(cmd.Context(), cmd, args)
	}
}

// result prints what a subcommand found: the value as JSON, or what human writes.
func (a *app) result(value any, human func(w io.Writer)) error {
	a.err.done()
	a.printed = true
	var err error
	if a.json {
		err = a.writeJSON(value)
	} else {
		var summary bytes.Buffer
		human(&summary)
		_, err = io.WriteString(a.out, text.CleanLines(summary.String())) // it may have names from files
	}
	if err != nil {
		return fmt.Errorf("%s: the result cannot be printed: %w", a.verb, err)
	}
	return nil
}

// writeJSON writes one object on one line. Where a corpus was opened, it also has what of it was not read.
func (a *app) writeJSON(value any) error {
	line, err := jsonLine(value)
	if err == nil && a.notRead != nil {
		line, err = withKey(line, "not_read", a.notRead)
	}
	if err != nil {
		return err
	}
	_, err = a.out.Write(line)
	return err
}

// jsonLine encodes a value on one line.
func jsonLine(value any) ([]byte, error) {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return line.Bytes(), err
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
