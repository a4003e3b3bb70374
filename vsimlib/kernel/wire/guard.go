// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// The ports of a kernel are open to every process of the machine, and what keeps others out is the key of the messages. Below them,
// zmq4 believes a peer: a frame says how much is allocated for it, and some commands of a handshake end in a panic, in a goroutine
// where nothing can catch it. So it listens through a guard that passes on what is well formed and bounded, and ends other
// connections.

// Bounds of what a peer may send. Cells and the buffers of widgets are far below.
const (
	maxMessage = 256 << 20 // bytes of all frames of a message
	maxFrames  = 4096      // of a message
	maxCommand = 64 << 10  // bytes
)

// handshake is how long a peer may take for its handshake: zmq4 makes one at a time.
const handshake = 5 * time.Second

// guardedPrefix begins the names of transports with a guard.
const guardedPrefix = "guarded-"

func init() {
	for name, network := range map[string]string{"tcp": "tcp", "ipc": "unix"} {
		if err := zmq4.RegisterTransport(guardedPrefix+name, guarded{transport.New(network)}); err != nil {
			panic(err) // the name is taken: a fault of this program, found by any of its tests
		}
	}
}

// Guarded is Endpoint to listen at: peers that send what is not ZMTP are cut off.
func (c Connection) Guarded(port int) string { return guardedPrefix + c.Endpoint(port) }

// guarded is a transport with guards on the connections that it accepts.
type guarded struct{ transport.Transport }

// Listen is that of the transport, with a guard.
func (g guarded) Listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := g.Transport.Listen(ctx, addr)
	shedding, _ := ctx.Value(sheddingKey{}).(*Shedding)
	return guardedListener{l, shedding}, err
}

type guardedListener struct {
	net.Listener
	shedding *Shedding
}

// Accept is that of the listener, with a guard.
func (l guardedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		time.Sleep(10 * time.Millisecond) // zmq4 tries again at once, also where no descriptor is left
		return nil, err
	}
	_ = c.SetReadDeadline(time.Now().Add(handshake))
	return newGuard(c, l.shedding), nil
}

// guard reads from a connection, and checks the protocol on the way (ZMTP 3.0, https://rfc.zeromq.org/spec/23). What is written to
// it waits in an outbox.
type guard struct {
	net.Conn
	outbox  *outbox
	checked []byte // read and checked, not yet passed on
	left    uint64 // bytes of a message's frame that are passed on as they are
	greeted bool
	ready   bool   // the handshake is over
	size    uint64 // bytes of the message so far
	frames  int    // of it
	failed  error
}

func newGuard(c net.Conn, shedding *Shedding) *guard {
	return &guard{Conn: c, outbox: newOutbox(c, shedding)}
}

// Write waits for the peer during the handshake alone.
func (g *guard) Write(p []byte) (int, error) {
	if !g.ready {
		return g.Conn.Write(p)
	}
	return g.outbox.Write(p)
}

// greeting is how many bytes a connection begins with, and mechanism is where they name the kind of encryption.
const (
	greeting  = 64
	mechanism = 12
)

// Parts of a frame's first byte.
const (
	more    = 1
	long    = 2
	command = 4
)

// Read passes on what was checked. Where the check fails, the connection is closed: zmq4 would leave it open.
func (g *guard) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if g.left == 0 && len(g.checked) == 0 && g.failed == nil {
		next := g.next
		if !g.greeted {
			next = g.greet
		}
		if g.failed = next(); g.failed != nil {
			_ = g.Conn.Close()
		}
	}
	switch {
	case len(g.checked) > 0:
		n := copy(p, g.checked)
		g.checked = g.checked[n:]
		return n, nil
	case g.failed != nil:
		return 0, g.failed
	}
	n, err := g.Conn.Read(p[:min(uint64(len(p)), g.left)])
	g.left -= uint64(n)
	return n, err
}

// greet reads the greeting, and takes that of a peer of ZMTP 3 without encryption.
func (g *guard) greet() error {
	b := make([]byte, greeting)
	if _, err := io.ReadFull(g.Conn, b); err != nil {
		return err
	}
	named, _, _ := bytes.Cut(b[mechanism:mechanism+20], []byte{0})
	if b[0] != 0xff || b[9] != 0x7f || b[10] < 3 || string(named) != string(zmq4.NullSecurity) {
		return errors.New("no greeting of ZMTP 3 without encryption")
	}
	g.checked, g.greeted = b, true
	return nil
}

// next reads the head of a frame, and all of a command.
func (g *guard) next() error {
	g.outbox.wait()
	head := make([]byte, 2, 9)
	if _, err := io.ReadFull(g.Conn, head); err != nil {
		return err
	}
	flags, size := head[0], uint64(head[1])
	if flags&long != 0 {
		head = head[:9]
		if _, err := io.ReadFull(g.Conn, head[2:]); err != nil {
			return err
		}
		size = binary.BigEndian.Uint64(head[1:])
	}
	switch {
	case flags&^(more|long|command) != 0 || flags&(more|command) == more|command:
		return fmt.Errorf("a frame with flags %#x", flags)
	case flags&command != 0:
		return g.command(head, size)
	case !g.ready:
		return errors.New("a message before the handshake")
	}
	g.size, g.frames = g.size+size, g.frames+1
	if size > maxMessage || g.size > maxMessage || g.frames > maxFrames {
		return fmt.Errorf("a message of more than %d bytes or %d frames", maxMessage, maxFrames)
	}
	if flags&more == 0 {
		g.size, g.frames = 0, 0
	}
	g.checked, g.left = head, size
	return nil
}

// command reads and checks a command behind its head.
func (g *guard) command(head []byte, size uint64) error {
	if size == 0 || size > maxCommand || g.frames > 0 {
		return fmt.Errorf("a command of %d bytes", size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(g.Conn, body); err != nil {
		return err
	}
	n := int(body[0])
	if n > len(body)-1 {
		return errors.New("a command with a torn name")
	}
	if name := string(body[1 : 1+n]); !g.ready {
		if name != zmq4.CmdReady {
			return fmt.Errorf("a handshake with %q", name)
		}
		if err := checkProperties(body[1+n:]); err != nil {
			return err
		}
		g.ready = true
		_ = g.Conn.SetReadDeadline(time.Time{})
	}
	g.checked = append(head, body...)
	return nil
}

// socketType is the property that says the type of a peer's socket.
const socketType = "Socket-Type"

// socketTypes are those that zmq4 knows.
var socketTypes = []zmq4.SocketType{zmq4.Pair, zmq4.Pub, zmq4.Sub, zmq4.Req, zmq4.Rep, zmq4.Dealer, zmq4.Router, zmq4.Pull,
	zmq4.Push, zmq4.XPub, zmq4.XSub}

// checkProperties checks the properties of a peer. Each is the length of its name, the name, the length of its value in four bytes
// and the value; one must be the type of the peer's socket.
func checkProperties(b []byte) error {
	typed := false
	for len(b) > 0 {
		n := int(b[0])
		if len(b) < 1+n+4 {
			return errors.New("a torn property")
		}
		name, rest := b[1:1+n], b[1+n:]
		size := uint64(binary.BigEndian.Uint32(rest))
		if rest = rest[4:]; uint64(len(rest)) < size {
			return errors.New("a property with a torn value")
		}
		// Names are of these characters, so nothing else becomes Socket-Type where zmq4 changes the case of letters. That itself must
		// be spelled so: of sOcket-type, zmq4 makes SOcket-Type, and finds no type.
		const of = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+"
		if n == 0 || len(bytes.Trim(name, of)) > 0 {
			return fmt.Errorf("a property called %q", name)
		}
		if strings.EqualFold(string(name), socketType) {
			if string(name) != socketType || !slices.Contains(socketTypes, zmq4.SocketType(rest[:size])) {
				return fmt.Errorf("a socket of %s %q", name, rest[:size])
			}
			typed = true
		}
		b = rest[size:]
	}
	if !typed {
		return errors.New("a socket without a type")
	}
	return nil
}
