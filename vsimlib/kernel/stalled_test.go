// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"

	"vsim/vsimlib/kernel/wire"
)

// peer is a connection to one port of a kernel that reads nothing but the handshake.
func peer(t *testing.T, file string, kind zmq4.SocketType, port func(wire.Connection) int) (*zmq4.Conn, wire.Key) {
	t.Helper()
	c, err := wire.ReadConnection(file)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", net.JoinHostPort(c.IP, strconv.Itoa(port(c))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	p, err := zmq4.Open(conn, null.Security(), kind, zmq4.SocketIdentity(wire.NewID()), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p, wire.Key(c.Key)
}

// TestStalledSubscriber: a front end that reads nothing of what is published holds up no other, nor the end of the kernel.
func TestStalledSubscriber(t *testing.T) {
	c := started(t)
	stalled, _ := peer(t, c.file, zmq4.Sub, func(c wire.Connection) int { return c.IOPub })
	if err := stalled.SendMsg(zmq4.NewMsg([]byte{1})); err != nil { // subscribes to all
		t.Fatal(err)
	}
	cell := c.execute("flood 32")
	if got := c.reply(cell)["status"]; got != "ok" {
		t.Errorf("the cell: %v", got)
	}
	if got := strings.Count(c.shown(cell), "stdout"); got != 32 {
		t.Errorf("another front end sees %d of 32 messages", got)
	}
	connect(t, c.file) // and so does one that comes later
}

// TestStalledClient: a front end that asks and reads no reply holds up no other, nor the end of the kernel.
func TestStalledClient(t *testing.T) {
	c := started(t)
	c.reply(c.execute("fail " + strings.Repeat(" ", 1<<20))) // for the history
	stalled, key := peer(t, c.file, zmq4.Dealer, func(c wire.Connection) int { return c.Shell })
	for range 32 {
		m := wire.New("stalled", "history_request", historyRequest{Access: "tail"})
		if err := stalled.SendMsg(zmq4.NewMsgFrom(key.Frames(m)...)); err != nil {
			t.Fatal(err)
		}
	}
	for c.published = nil; len(c.published) < 64; { // busy and idle of each
		if m := c.receive(c.sock); m.Parent.Session == "stalled" {
			c.published = append(c.published, m)
		}
	}
	if got := c.ask("kernel_info_request", map[string]any{})["status"]; got != "ok" {
		t.Errorf("another front end: %v", got)
	}
	connect(t, c.file)
}
