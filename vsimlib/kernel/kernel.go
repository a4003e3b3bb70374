// SPDX-License-Identifier: Apache-2.0

// Package kernel connects Jupyter's front ends with GoNB, the kernel that compiles and runs the cells. It speaks Jupyter's
// protocol on both sides and passes messages on as they are, but for what it adds:
//
//   - A cell that fails or is interrupted aborts the cells that wait behind it, unless its request says otherwise (stop_on_error).
//   - An interrupt while Go compiles stops the cell, and one while the cell waits for what it has left in the background; an
//     interrupt is repeated until the cell has ended.
//   - A failed cell shows one error, the line that its program wrote last, in place of three.
//   - A cell that is executed silently before the first one imports the packages that every notebook uses.
//   - Variables VSIM_… that a cell sets with %env are set again after a restart.
//   - It answers what GoNB does not: is_complete, history and comm_info; kernel_info says nothing of the machine's version of Go.
//   - GoNB gets no message, cell or question that it ends or hangs of. Cursors are counted as the protocol says.
//   - A front end that does not read holds up no other; once it reads again, it is told how much output it has missed.
//   - However it ends, GoNB, the cell, gopls and the temporary folder end with it.
//
// Package wire has the protocol, and package code looks at the code of cells. The files, from the bottom: socket and front are the
// front ends' side, processes, folder, guard and gonb GoNB's; failure makes the one error of a cell, remembered keeps variables,
// and answers and history answer. queue holds the requests that wait, cell the one that GoNB is at, abort ends both, and this file
// is the loop around them.
package kernel

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"vsim/vsimlib/kernel/wire"
)

// Options says what Run runs.
type Options struct {
	Connection string    // the connection file that the front end made
	GoNB       []string  // GoNB's program and arguments but for --kernel
	Env        []string  // the environment of GoNB and of cells, PATH among it
	Prelude    string    // a cell that is executed silently before the first one
	Log        io.Writer // messages for people, one a line
}

// Prelude imports what every notebook uses, so that a cell works without the notebook's first one.
const Prelude = `%noautoget
import (
	"github.com/janpfeifer/must"

	"vsim/vsimlib/nb"
	"vsim/vsimlib/plots"
)`

const (
	workTick = 200 * time.Millisecond // how often a running cell is looked after
	idleTick = time.Second            // and a kernel without one
	saveTime = 4 * time.Second        // how long a cell may take to end when the kernel ends; package nb keeps to less
)

// kernel is one kernel that runs.
type kernel struct {
	options    Options
	front      *front
	gonb       *gonb
	queue      []wire.Message // requests of the shell that wait, in order
	running    *request       // the one that GoNB is at
	history    history
	remembered *remembered
	tick       *time.Ticker
	stopped    time.Time // when cells were last aborted
	parent     int       // the process that has started this one
	ending     time.Time // when the kernel ends, at the latest, once that is asked for
	forget     bool      // it will not be started again
}

// Run serves front ends until one asks for the end, ctx ends, or a signal (SIGTERM, SIGHUP) says so; SIGINT interrupts the running
// cell.
func Run(ctx context.Context, o Options) error {
	c, err := wire.ReadConnection(o.Connection)
	if err != nil {
		return err
	}
	k := &kernel{options: o, remembered: remember(o.Connection), parent: os.Getppid()}
	signals := make(chan os.Signal, 8)
	// What listened for these before would take an interrupt of a cell for the end.
	signal.Reset(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	if k.front, err = listen(life, c, k.log); err != nil {
		return err
	}
	defer k.front.close()
	k.front.publish(wire.New(k.front.session, "status", map[string]string{"execution_state": "starting"}))
	start, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGHUP)
	k.gonb, err = startGoNB(start, o, slices.Concat(o.Env, k.remembered.environment()), k.log)
	stop()
	if err != nil {
		return err
	}
	defer k.gonb.stop()
	k.prelude()
	k.tick = time.NewTicker(idleTick)
	defer k.tick.Stop()
	err = k.loop(ctx, signals)
	if k.forget {
		k.remembered.forget()
	}
	return err
}

// loop handles what comes until the kernel ends.
func (k *kernel) loop(ctx context.Context, signals <-chan os.Signal) error {
	done := ctx.Done()
	for {
		k.next()
		if !k.ending.IsZero() && (k.running == nil || k.running.hidden || time.Now().After(k.ending)) {
			k.abort() // what has come since
			return nil
		}
		select {
		case m := <-k.front.control.in:
			k.control(m, k.front.control)
		case m := <-k.front.shell.in:
			k.shell(m)
		case m := <-k.front.stdin.in:
			k.input(m)
		case m := <-k.gonb.iopub.in:
			k.published(m)
		case m := <-k.gonb.shell.in:
			k.replied(m)
		case m := <-k.gonb.stdin.in:
			k.asked(m)
		case s := <-signals:
			if s == os.Interrupt {
				k.interrupt()
			} else {
				k.end()
			}
		case now := <-k.tick.C:
			k.look(now)
		case <-done:
			k.end()
			done = nil
		case err := <-k.gonb.ended:
			return fmt.Errorf("GoNB ended: %w", orDone(err))
		}
	}
}

// look repeats an interrupt, shows what was held back long enough, and notices that the front end's process is gone.
func (k *kernel) look(now time.Time) {
	if r := k.running; r != nil {
		if r.interrupted {
			k.gonb.interrupt(r.signalled)
		}
		k.show(r.stderr.due(now))
	}
	if os.Getenv("JPY_PARENT_PID") != "" && os.Getppid() != k.parent {
		k.end()
	}
}

// end begins the end: the cells that wait are aborted, and the running one is interrupted and may save.
func (k *kernel) end() {
	if !k.ending.IsZero() {
		return
	}
	k.ending = time.Now().Add(saveTime)
	k.abort()
	if k.running != nil && !k.running.hidden {
		k.interrupt()
	}
}

// log writes a message for people.
func (k *kernel) log(err error) {
	if k.options.Log != nil {
		_, _ = fmt.Fprintln(k.options.Log, "vsim: kernel: "+strings.ReplaceAll(err.Error(), "\n", "; "))
	}
}
