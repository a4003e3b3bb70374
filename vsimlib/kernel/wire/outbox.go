// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"context"
	"encoding/binary"
	"io"
	"slices"
	"sync"
	"time"
)

// zmq4 writes to the peers of a socket one after another, and to each until all of a message is written. A peer that does not read,
// as a front end that is suspended, would hold up all others, those that connect among them. So what is written to a peer waits in
// an outbox of its own.

const (
	maxWaiting = 64 << 20        // bytes that wait for a peer before its outbox is full
	stallTime  = 5 * time.Second // how long a peer with a full outbox takes nothing until it counts as one that does not read
)

// Shedding is how a socket that publishes treats a peer that does not read: with a full outbox, messages are left out.
// A socket without one, which answers requests, loses nothing: from a peer with a full outbox no request is read.
type Shedding struct {
	Droppable func(frames [][]byte) bool              // of messages; the others wait until twice as much does
	Notice    func(left [][]byte, count int) [][]byte // a message that says how many were left out, made of the last of them
}

type sheddingKey struct{}

// In is ctx for a socket that sheds.
func (s Shedding) In(ctx context.Context) context.Context {
	return context.WithValue(ctx, sheddingKey{}, &s)
}

// outbox is what waits to be written to a peer. Writing to it takes no time.
type outbox struct {
	to       io.Writer
	shedding *Shedding // nil where nothing is lost
	most     int       // maxWaiting, and stallTime; tests have less
	patience time.Duration

	mu      sync.Mutex
	taken   sync.Cond // the peer has taken something, or is gone
	torn    []byte    // a message whose end is still to come
	whole   int       // bytes of its frames that are there
	queue   [][]byte
	size    int       // bytes that wait
	since   time.Time // when the peer last took something
	writing bool      // a goroutine is at the queue
	failed  error     // the peer is gone
	left    []byte    // the last message that was left out
	count   int       // of them
}

func newOutbox(to io.Writer, shedding *Shedding) *outbox {
	o := &outbox{to: to, shedding: shedding, most: maxWaiting, patience: stallTime}
	o.taken.L = &o.mu
	return o
}

// Write takes a part of a message: zmq4 writes each in many.
func (o *outbox) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed != nil {
		return 0, o.failed
	}
	o.torn = append(o.torn, p...)
	for {
		size, last := frameSize(o.torn[o.whole:])
		if size > len(o.torn)-o.whole {
			return len(p), nil
		}
		if o.whole += size; last {
			o.add(o.torn[:o.whole:o.whole])
			o.torn, o.whole = slices.Clone(o.torn[o.whole:]), 0
		}
	}
}

// frameSize is how long the frame is that b begins with, with its head, and whether it is a message's last.
func frameSize(b []byte) (size int, last bool) {
	switch {
	case len(b) < 2:
		return 2, false
	case b[0]&long == 0:
		return 2 + int(b[1]), b[0]&more == 0
	case len(b) < 9:
		return 9, false
	}
	return 9 + int(binary.BigEndian.Uint64(b[1:])), b[0]&more == 0
}

// add puts a message into the queue, or leaves it out.
func (o *outbox) add(message []byte) {
	if len(o.queue) == 0 && !o.writing {
		o.since = time.Now()
	}
	if s := o.shedding; s != nil {
		if o.size > o.most && time.Since(o.since) >= o.patience && (o.size > 2*o.most || s.Droppable(split(message))) {
			o.left = message
			o.count++
			return
		}
		if o.count > 0 {
			if notice := join(s.Notice(split(o.left), o.count)); len(notice) > 0 {
				o.enqueue(notice)
			}
			o.left, o.count = nil, 0
		}
	}
	o.enqueue(message)
}

func (o *outbox) enqueue(message []byte) {
	o.queue = append(o.queue, message)
	o.size += len(message)
	if !o.writing {
		o.writing = true
		go o.write()
	}
}

// write writes what is in the queue.
func (o *outbox) write() {
	for message := o.next(); len(message) > 0; {
		n, err := o.to.Write(message[:min(len(message), 64<<10)])
		message = message[n:]
		o.took(n, err)
		if err != nil || len(message) == 0 {
			message = o.next()
		}
	}
}

// next takes a message out of the queue, or ends the writing.
func (o *outbox) next() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed != nil || len(o.queue) == 0 {
		o.queue, o.writing = nil, false
		return nil
	}
	message := o.queue[0]
	o.queue = o.queue[1:]
	return message
}

// took notes what the peer has taken.
func (o *outbox) took(n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.size, o.since, o.failed = o.size-n, time.Now(), err
	o.taken.Broadcast()
}

// wait waits while the outbox of a peer is full from which requests come.
func (o *outbox) wait() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.shedding == nil && o.size > o.most && o.failed == nil {
		o.taken.Wait()
	}
}

// split is the frames of a message.
func split(message []byte) (frames [][]byte) {
	for len(message) > 0 {
		size, _ := frameSize(message)
		head := 2
		if message[0]&long != 0 {
			head = 9
		}
		frames, message = append(frames, message[head:size]), message[size:]
	}
	return frames
}

// join is a message of these frames.
func join(frames [][]byte) (message []byte) {
	for i, frame := range frames {
		flags := byte(long)
		if i < len(frames)-1 {
			flags |= more
		}
		message = binary.BigEndian.AppendUint64(append(message, flags), uint64(len(frame)))
		message = append(message, frame...)
	}
	return message
}
