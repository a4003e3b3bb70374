// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"vsim/vsimlib/trainer"
)

// patience is how long work may take to save and return after an interrupt. GoNB kills a cell five seconds after it; within
// four the cell has ended, with a line about it.
const patience = 3500 * time.Millisecond

// stoppable runs work under a context that ends with an interrupt of the cell (SIGINT, or SIGTERM). Work that stops in time is
// reported as stopped, with the progress that at describes (nil: none). Other work is abandoned and the cell ends: files are
// complete at any moment.
func stoppable(what string, at func() string, work func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-signals:
			cancel()
		case <-over:
			return
		}
		select {
		case <-time.After(patience):
			end(fmt.Sprintf("%s: stopped in the middle of a step; run the cell again to go on from the last checkpoint", what), exitStopped)
		case <-over:
		}
	}()
	err := work(ctx)
	if ctx.Err() == nil || !errors.Is(err, trainer.ErrStopped) && !errors.Is(err, context.Canceled) {
		return err
	}
	progress := ""
	if at != nil {
		progress = at()
	}
	return &stopped{fmt.Sprintf("%s: stopped%s; run the cell again to go on", what, progress)}
}
