// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

// greet is the beginning of a connection without encryption.
func greet() string {
	b := make([]byte, greeting)
	b[0], b[9], b[10] = 0xff, 0x7f, 3
	copy(b[12:], "NULL")
	return string(b)
}

// property and frame are a property of a handshake and a frame.
func property(name, value string) string {
	return string(byte(len(name))) + name + string(binary.BigEndian.AppendUint32(nil, uint32(len(value)))) + value
}

func frame(flags byte, body string) string { return string([]byte{flags, byte(len(body))}) + body }

func ready(properties string) string { return greet() + frame(command, "\x05READY"+properties) }

func dealer() string { return ready(property("Socket-Type", "DEALER")) }

// torn are connections that zmq4 without a guard dies of, or takes memory for.
var torn = map[string]string{
	"no type":               ready(""),
	"unknown type":          ready(property("Socket-Type", "NOTHING")),
	"unknown type, again":   ready(property("Socket-Type", "DEALER") + property("sOCKET-tYPE", "")),
	"type in other letters": ready(property("SoCkeT-TYpe", "DEALER")),
	"torn name":             ready("\x0bSocket"),
	"torn size":             ready("\x0bSocket-Type\x00"),
	"torn value":            ready("\x0bSocket-Type\x00\x00\x00\xffDEALER"),
	"odd name":              ready(property("Socket-Type", "DEALER") + property("\u017focket-Type", "X")),
	"empty command":         greet() + frame(command, ""),
	"torn command":          greet() + frame(command, "\xffREADY"),
	"a message first":       greet() + frame(0, "hello"),
	"flags":                 dealer() + frame(0xf8, "hello"),
	"2^62 bytes":            dealer() + "\x02\x40\x00\x00\x00\x00\x00\x00\x00",
	"2^64-1 bytes":          dealer() + "\x02\xff\xff\xff\xff\xff\xff\xff\xff",
	"a gigabyte":            dealer() + "\x02\x00\x00\x00\x00\x40\x00\x00\x00",
	"frames without an end": dealer() + strings.Repeat(frame(more, ""), maxFrames+1),
	"a command in a message": dealer() + frame(more, "a") +
		frame(command, "\x04PING"),
	"a command of two frames": dealer() + frame(command|more, "\x04PING"),
	"HTTP":                    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + strings.Repeat(" ", greeting),
	"nothing":                 "",
}

// TestGuard: whatever a process of the machine sends to a port, others are served on.
func TestGuard(t *testing.T) {
	router := zmq4.NewRouter(t.Context(), zmq4.WithLogger(log.New(io.Discard, "", 0)))
	c := Connection{Transport: "tcp", IP: "127.0.0.1"}
	if err := router.Listen(c.Guarded(0)); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = router.Close() }()
	address := router.Addr().String()
	for name, attack := range torn {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, attack); err != nil {
			t.Logf("%s: %v", name, err) // cut off already
		}
		if name == "nothing" {
			_ = conn.Close()
			continue
		}
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		var e net.Error
		if _, err := io.Copy(io.Discard, conn); errors.As(err, &e) && e.Timeout() {
			t.Errorf("%s: is not cut off", name)
		}
		_ = conn.Close()
	}
	peer := zmq4.NewDealer(t.Context())
	defer func() { _ = peer.Close() }()
	if err := peer.Dial("tcp://" + address); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"", "x", strings.Repeat("y", 300), strings.Repeat("z", 1<<20)} {
		if err := peer.SendMulti(zmq4.NewMsgFrom([]byte("a"), []byte(body))); err != nil {
			t.Fatal(err)
		}
		m, err := router.Recv()
		if err != nil || len(m.Frames) != 3 || string(m.Frames[2]) != body {
			t.Fatalf("%d frames, %v", len(m.Frames), err)
		}
	}
}

// bytesConn is a connection on which a peer has sent all that it sends.
type bytesConn struct {
	net.Conn
	in *bytes.Reader
}

func (c bytesConn) Read(p []byte) (int, error)      { return c.in.Read(p) }
func (c bytesConn) Write(p []byte) (int, error)     { return len(p), nil }
func (c bytesConn) Close() error                    { return nil }
func (c bytesConn) SetReadDeadline(time.Time) error { return nil }

// FuzzGuard: behind a guard, zmq4 survives any bytes.
func FuzzGuard(f *testing.F) {
	for _, attack := range torn {
		f.Add([]byte(attack))
	}
	f.Add([]byte(dealer() + frame(more, "id") + frame(0, "body") + frame(command, "\x04PING")))
	f.Fuzz(func(_ *testing.T, sent []byte) {
		for _, sent := range [][]byte{sent, append([]byte(greet()), sent...), append([]byte(dealer()), sent...)} {
			g := newGuard(bytesConn{in: bytes.NewReader(sent)}, nil)
			conn, err := zmq4.Open(g, null.Security(), zmq4.Router, nil, true, nil)
			for err == nil {
				_, err = conn.RecvMsg()
			}
		}
	})
}
