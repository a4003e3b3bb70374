// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"slices"
	"time"

	"vsim/vsimlib/kernel/wire"
)

// interrupt stops the running cell: one that GoNB is at, or the first that waits behind something else.
func (k *kernel) interrupt() {
	if r := k.running; r != nil && r.Header.Type == executeType && !r.hidden {
		r.interrupted = true
		k.gonb.interrupt(r.signalled)
		return
	}
	k.drain()
	at := slices.IndexFunc(k.queue, func(m wire.Message) bool { return m.Header.Type == executeType })
	if at < 0 {
		return
	}
	m := k.queue[at]
	k.queue = slices.Delete(k.queue, at, at+1)
	k.fail(m, interruptedFault())
}

// fail answers a cell that GoNB does not get, and aborts those behind it, unless its request says otherwise.
func (k *kernel) fail(m wire.Message, f fault) {
	var waiting []wire.Message
	r := executeRequest{StopOnError: true}
	if err := m.Content(&r); err != nil || r.StopOnError {
		waiting = k.waitingCells()
		k.stopped = time.Now()
	}
	k.front.status(m, "busy")
	k.front.publish(m.Answer(k.front.session, "error", f))
	reply := f.reply()
	reply["execution_count"] = k.history.last()
	k.front.shell.send(m.Answer(k.front.session, m.ReplyType(), reply))
	k.front.status(m, "idle")
	for _, m := range waiting {
		k.aborted(m)
	}
}

// drain takes the requests that have arrived into the queue.
func (k *kernel) drain() {
	for {
		select {
		case m := <-k.front.shell.in:
			k.shell(m)
		default:
			return
		}
	}
}

// abort answers every cell that waits.
func (k *kernel) abort() {
	for _, m := range k.waitingCells() {
		k.aborted(m)
	}
}

// waitingCells takes the cells out of the queue, with those that have arrived.
func (k *kernel) waitingCells() []wire.Message {
	k.drain()
	var cells, others []wire.Message
	for _, m := range k.queue {
		if m.Header.Type == executeType {
			cells = append(cells, m)
		} else {
			others = append(others, m)
		}
	}
	k.queue = others
	return cells
}

// aborted answers a request that will not be carried out.
func (k *kernel) aborted(m wire.Message) {
	k.front.status(m, "busy")
	k.front.shell.send(m.Answer(k.front.session, m.ReplyType(), map[string]string{"status": "aborted"}))
	k.front.status(m, "idle")
}

// lateTime is how long a request may be on its way.
const lateTime = time.Second / 2

// late reports whether a cell was sent before its sender could know that the one before it had failed, and has come after that.
func (k *kernel) late(m wire.Message) bool {
	if k.stopped.IsZero() || time.Since(k.stopped) > lateTime {
		return false
	}
	sent, err := time.Parse(time.RFC3339Nano, m.Header.Date)
	return err == nil && sent.Before(k.stopped)
}
