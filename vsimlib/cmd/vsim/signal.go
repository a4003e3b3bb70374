// SPDX-License-Identifier: Apache-2.0

package main

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

func (s *signalled) name() string {
	if s.signal == syscall.SIGTERM {
		return "SIGTERM"
	}
	return "SIGINT"
}

func (s *signalled) Error() string { return "stopped by " + s.name() }

// code is the exit code that shells know for the signal: 130 or 143.
func (s *signalled) code() int { return 128 + int(s.signal) }

// explain writes the signal instead of the context's own words.
func (s *signalled) explain(line string) string {
	return strings.ReplaceAll(line, context.Canceled.Error(), s.Error())
}

// withSignals returns a context that ends with the first SIGINT or SIGTERM. A second one, or patience running out, calls
// forced, which does not return.
func withSignals(parent context.Context, patience time.Duration, forced func(*signalled)) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	arrived := make(chan os.Signal, 2)
	signal.Notify(arrived, syscall.SIGINT, syscall.SIGTERM)
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
