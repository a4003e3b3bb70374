// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"context"
	"fmt"

	"github.com/go-zeromq/zmq4"

	"vsim/vsimlib/kernel/wire"
)

// front is the side of the front ends: the five sockets of the connection file.
type front struct {
	shell, control, stdin, iopub *socket
	heartbeat                    zmq4.Socket
	session                      string // of messages that GoNB knows nothing of
}

// listen opens the five sockets. bad is called with the reason where something comes that is no message.
func listen(ctx context.Context, c wire.Connection, bad func(error)) (*front, error) {
	k := wire.Key(c.Key)
	f := &front{
		shell:     newSocket(zmq4.NewRouter(ctx, quiet), k),
		control:   newSocket(zmq4.NewRouter(ctx, quiet), k),
		stdin:     newSocket(zmq4.NewRouter(ctx, quiet), k),
		iopub:     newSocket(zmq4.NewPub(ctx, quiet), k),
		heartbeat: zmq4.NewRouter(ctx, quiet), // a ROUTER has no order of receiving and sending to lose, as REP has
		session:   wire.NewID(),
	}
	for _, s := range []struct {
		name   string
		socket zmq4.Socket
		port   int
	}{
		{"shell", f.shell, c.Shell}, {"control", f.control, c.Control}, {"stdin", f.stdin, c.Stdin}, {"iopub", f.iopub, c.IOPub},
		{"heartbeat", f.heartbeat, c.Heartbeat},
	} {
		if err := s.socket.Listen(c.Guarded(s.port)); err != nil {
			f.close()
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	for _, s := range []*socket{f.shell, f.control, f.stdin} {
		s.read(ctx, bad)
	}
	go f.beat()
	return f, nil
}

// beat echoes the heartbeat.
func (f *front) beat() {
	for {
		m, err := f.heartbeat.Recv()
		if err != nil {
			return
		}
		_ = f.heartbeat.SendMulti(zmq4.NewMsgFrom(m.Frames...))
	}
}

// publish sends a message to all front ends.
func (f *front) publish(m wire.Message) {
	m.IDs = [][]byte{[]byte("kernel." + m.Header.Type)}
	f.iopub.send(m)
}

// status publishes busy or idle for a request.
func (f *front) status(request wire.Message, state string) {
	f.publish(request.Answer(f.session, "status", map[string]string{"execution_state": state}))
}

func (f *front) close() {
	closeAll(f.shell, f.control, f.stdin, f.iopub)
	_ = f.heartbeat.Close()
}
