// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-zeromq/zmq4"

	"vsim/vsimlib/kernel/wire"
)

// front is the side of the front ends: the five sockets of the connection file.
type front struct {
	shell, control, stdin, iopub *socket
	heartbeat                    zmq4.Socket
	session                      string // of messages that GoNB knows nothing of
}

// listen opens the five sockets. log is called with the reason where something comes that
// is no message, and where a front end misses something.
func listen(ctx context.Context, c wire.Connection, log func(error)) (*front, error) {
	k := wire.Key(c.Key)
	session := wire.NewID()
	f := &front{
		shell:     newSocket(zmq4.NewRouter(ctx, quiet), k),
		control:   newSocket(zmq4.NewRouter(ctx, quiet), k),
		stdin:     newSocket(zmq4.NewRouter(ctx, quiet), k),
		iopub:     newSocket(zmq4.NewPub(shedding(session, k, log).In(ctx), quiet), k),
		heartbeat: zmq4.NewRouter(ctx, quiet), // a ROUTER has no order of receiving and sending to lose, as REP has
		session:   session,
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
		s.read(ctx, log)
	}
	go f.beat()
	return f, nil
}

// shedding leaves out what cells show for a front end that does not read, and tells it so once it does again.
func shedding(session string, k wire.Key, log func(error)) wire.Shedding {
	return wire.Shedding{
		Droppable: func(frames [][]byte) bool {
			switch strings.TrimPrefix(string(frames[0]), topic) {
			case "stream", "display_data", "update_display_data":
				return true
			}
			return false
		},
		Notice: func(left [][]byte, count int) [][]byte {
			m, err := k.Parse(left)
			if err != nil {
				return nil
			}
			log(fmt.Errorf("a front end did not read what cells show; %d messages were not sent to it", count))
			text := fmt.Sprintf("vsim: this front end did not read for a while; %d messages of output are missing here\n", count)
			return k.Frames(m.Beside(session, "stream", map[string]string{"name": "stderr", "text": text}))
		},
	}
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

// topic begins the topics of what is published.
const topic = "kernel."

// publish sends a message to all front ends.
func (f *front) publish(m wire.Message) {
	m.IDs = [][]byte{[]byte(topic + m.Header.Type)}
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
