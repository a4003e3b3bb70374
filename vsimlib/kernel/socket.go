// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"context"
	"io"
	"log"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"

	"vsim/vsimlib/kernel/wire"
)

// waiting is how many messages may wait in a channel of a socket.
const waiting = 1024

// socket is a ZeroMQ socket with a goroutine that reads and one that writes, so that no peer that is slow holds up another.
type socket struct {
	zmq4.Socket
	key  wire.Key
	in   chan wire.Message // what came, without what is no message of this key; nil where nothing is read
	out  chan [][]byte     // frames to write
	done sync.WaitGroup
}

// quiet keeps ZeroMQ's notes about connections that came to nothing out of a kernel's log.
var quiet = zmq4.WithLogger(log.New(io.Discard, "", 0))

// newSocket starts the writer of a socket; read starts its reader.
func newSocket(s zmq4.Socket, k wire.Key) *socket {
	sock := &socket{Socket: s, key: k, out: make(chan [][]byte, waiting)}
	sock.done.Go(func() {
		for frames := range sock.out {
			_ = s.SendMulti(zmq4.NewMsgFrom(frames...)) // a peer that is gone needs it no more
		}
	})
	return sock
}

// read passes on every message until ctx or the socket ends; bad is called with the reason where something else came.
func (s *socket) read(ctx context.Context, bad func(error)) {
	s.in = make(chan wire.Message, waiting)
	go func() {
		for {
			frames, err := s.Recv()
			if err != nil {
				return
			}
			m, err := s.key.Parse(frames.Frames)
			if err != nil {
				bad(err)
				continue
			}
			select {
			case s.in <- m:
			case <-ctx.Done():
				return
			}
		}
	}()
}

// send writes a message, in the order of the calls.
func (s *socket) send(m wire.Message) { s.out <- s.key.Frames(m) }

// parting is how long a socket stays open after its last message: ZeroMQ for Go drops at once what is still on its way.
const parting = 250 * time.Millisecond

// closeAll closes sockets once what was sent through them is written.
func closeAll(sockets ...*socket) {
	for _, s := range sockets {
		close(s.out)
	}
	for _, s := range sockets {
		s.done.Wait()
	}
	time.Sleep(parting)
	for _, s := range sockets {
		_ = s.Close()
	}
}
