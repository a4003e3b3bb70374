// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"

	"vsim/vsimlib/kernel/wire"
	"vsim/vsimlib/proc"
)

// gonb is the side of GoNB: its process, and the sockets to it.
type gonb struct {
	cmd                 *exec.Cmd
	ended               <-chan error // its process's end
	folder              folder
	guard               *guard
	session             string       // of the messages that no front end knows of
	info                wire.Message // its kernel_info_reply
	shell, stdin, iopub *socket
}

const (
	startTime = 2 * time.Minute        // how long GoNB may take to start
	askAgain  = 250 * time.Millisecond // how often it is asked until it answers
	stopTime  = 2 * time.Second        // how long it may take to end
)

// startGoNB starts GoNB and returns once it answers and what it publishes arrives.
func startGoNB(ctx context.Context, o Options, env []string, bad func(error)) (g *gonb, err error) {
	g = &gonb{session: wire.NewID()}
	if g.folder, err = newFolder(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			g.stop()
		}
	}()
	if g.guard, err = newGuard(g.folder); err != nil {
		return g, err
	}
	c := wire.Private(g.folder.path)
	file := g.folder.file(filepath.Base(o.Connection)) // the name tells GoNB, and through it widgets, the kernel's id
	if err := c.Write(file); err != nil {
		return g, err
	}
	if err := g.run(file, o.GoNB, env); err != nil {
		return g, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, fmt.Errorf("GoNB did not start within %v", startTime))
	defer cancel()
	if err := g.connect(ctx, c, bad); err != nil {
		return g, err
	}
	return g, g.ready(ctx)
}

// run starts the process.
func (g *gonb) run(connectionFile string, program, env []string) error {
	path := ""
	for _, entry := range env {
		if value, ok := strings.CutPrefix(entry, "PATH="); ok {
			path = value
		}
	}
	bin, err := g.folder.wrapGopls(path)
	if err != nil {
		return err
	}
	if bin != "" {
		path = bin + string(filepath.ListSeparator) + path
	}
	args := append(program[1:len(program):len(program)], "--kernel", connectionFile)
	g.cmd = proc.Command(context.Background(), program[0], args...)
	g.cmd.Env = append(env, "PATH="+path, "TMPDIR="+g.folder.path)
	g.cmd.Stdout, g.cmd.Stderr = os.Stderr, os.Stderr
	g.cmd.WaitDelay = time.Second
	ended, err := proc.Start(g.cmd)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is not there; run `vsim setup` in the checkout", program[0])
	case err != nil:
		return fmt.Errorf("GoNB: %w", err)
	}
	g.ended = ended
	g.guard.watch(g.cmd.Process.Pid)
	return nil
}

// connect opens the sockets to GoNB. They have one name, by which GoNB answers requests of the shell on stdin too.
func (g *gonb) connect(ctx context.Context, c wire.Connection, bad func(error)) error {
	k, name := wire.Key(c.Key), zmq4.WithID(zmq4.SocketIdentity(g.session))
	retry, always := zmq4.WithDialerRetry(20*time.Millisecond), zmq4.WithDialerMaxRetries(-1)
	background := context.Background() // the sockets live longer than the start
	g.shell = newSocket(zmq4.NewDealer(background, name, retry, always, quiet), k)
	g.stdin = newSocket(zmq4.NewDealer(background, name, retry, always, quiet), k)
	g.iopub = newSocket(zmq4.NewSub(background, retry, always, quiet), k)
	if err := g.iopub.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		return err
	}
	dialed := make(chan error, 1)
	go func() {
		var err error
		for s, port := range map[*socket]int{g.shell: c.Shell, g.stdin: c.Stdin, g.iopub: c.IOPub} {
			err = errors.Join(err, s.Dial(c.Endpoint(port)))
		}
		dialed <- err
	}()
	select {
	case err := <-dialed:
		if err != nil {
			return fmt.Errorf("GoNB: %w", err)
		}
	case err := <-g.ended:
		return fmt.Errorf("GoNB ended: %w", orDone(err))
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for _, s := range []*socket{g.shell, g.stdin, g.iopub} {
		s.read(background, bad)
	}
	return nil
}

// orDone is err, or an error that says that a process ended where it should not.
func orDone(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

// ready asks GoNB what it is until an answer comes and its status is heard: by then it listens to its shell, and the
// subscription to what it publishes holds.
func (g *gonb) ready(ctx context.Context) error {
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	for heard := false; !heard || g.info.Header.Type == ""; {
		g.shell.send(wire.New(g.session, "kernel_info_request", map[string]any{}))
	wait:
		for !heard || g.info.Header.Type == "" {
			select {
			case m := <-g.shell.in:
				g.info = m
			case <-g.iopub.in:
				heard = true
			case <-tick.C:
				break wait
			case err := <-g.ended:
				return fmt.Errorf("GoNB ended: %w", orDone(err))
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return nil
}

// interrupt sends an interrupt to GoNB, which passes it on to the program of a cell, and to what compiles the cell, and asks what
// the cell has left behind to end, but signals no process that is in done.
func (g *gonb) interrupt(done map[int]bool) {
	_ = g.cmd.Process.Signal(os.Interrupt)
	table := processes()
	for signal, pids := range map[syscall.Signal][]int{
		syscall.SIGINT: toInterrupt(table, g.cmd.Process.Pid), syscall.SIGTERM: leftBehind(table, g.cmd.Process.Pid),
	} {
		for _, pid := range pids {
			if !done[pid] {
				done[pid] = true
				_ = syscall.Kill(pid, signal)
			}
		}
	}
}

// stop ends GoNB and removes its folder.
func (g *gonb) stop() {
	if g.ended != nil {
		_ = g.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-g.ended:
		case <-time.After(stopTime):
			_ = syscall.Kill(-g.cmd.Process.Pid, syscall.SIGKILL)
			<-g.ended
		}
	}
	for _, s := range []*socket{g.shell, g.stdin, g.iopub} {
		if s != nil {
			_ = s.Close()
		}
	}
	if g.guard != nil {
		g.guard.close()
	}
	_ = os.RemoveAll(g.folder.path) // the guard has done so, if there was one
	g.folder.unlock()
}
