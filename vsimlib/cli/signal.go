// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// patience is how long the work may take to finish its step and save after a signal: time for a checkpoint of gigabytes. (A cell of
// a notebook has less: package nb keeps to four seconds.) A second signal does not wait.
const patience = 20 * time.Second

// echo is how long after the first signal another one is taken for the same: timeout(1) and some terminals and supervisors
// signal a process and then its group, so that it gets two at once.
const echo = 100 * time.Millisecond

// signalled is the cause of a context that a signal ended.
type signalled struct{ signal syscall.Signal }

// stopSignals are the signals that save and stop, by name. A closed terminal sends SIGHUP; users of clusters have Slurm send
// SIGUSR1 or SIGUSR2 before the time limit (--signal).
var stopSignals = map[syscall.Signal]string{syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM", syscall.SIGHUP: "SIGHUP",
	syscall.SIGUSR1: "SIGUSR1", syscall.SIGUSR2: "SIGUSR2"}

func (s *signalled) Error() string { return "stopped by " + stopSignals[s.signal] }

// code is the exit code that shells know for the signal: 130, 143, 129, 138 or 140.
func (s *signalled) code() int { return 128 + int(s.signal) }

// explain writes the signal instead of the context's own words.
func (s *signalled) explain(line string) string {
	return strings.ReplaceAll(line, context.Canceled.Error(), s.Error())
}

// catch has the stop signals sent to arrived. A SIGHUP that is ignored stays ignored: nohup has asked for that.
func catch(arrived chan<- os.Signal) {
	for s := range stopSignals {
		if s != syscall.SIGHUP || !signal.Ignored(s) {
			signal.Notify(arrived, s)
		}
	}
}

// withSignals returns a context that ends with the first of the stop signals. A second one, or patience running out, calls
// forced, which does not return.
func withSignals(parent context.Context, patience time.Duration, forced func(*signalled)) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	arrived := make(chan os.Signal, 2)
	catch(arrived)
	over := make(chan struct{})
	go func() {
		var by *signalled
		select {
		case s := <-arrived:
			by = &signalled{s.(syscall.Signal)}
		case <-over:
			return
		}
		cancel(by)
		first, late := time.Now(), time.After(patience)
		for {
			select {
			case s := <-arrived:
				if time.Since(first) > echo {
					forced(&signalled{s.(syscall.Signal)})
				}
			case <-late:
				forced(by)
			case <-over:
				return
			}
		}
	}()
	return ctx, func() { signal.Stop(arrived); close(over) }
}
