// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"vsim/vsimlib/kernel/wire"
)

// patience is how long these tests wait for what should come.
const patience = 30 * time.Second

// client is a front end.
type client struct {
	t                           *testing.T
	file                        string
	session                     string
	shell, control, stdin, sock *socket // sock is iopub
	heartbeat                   zmq4.Socket
	published                   []wire.Message          // what iopub has brought, in order
	others                      map[string]wire.Message // replies that were not asked for yet
}

// promised are the ports that connection files name. The tests run side by side, and until its kernel listens a port is free.
var promised sync.Map

// freePort is a port that is free and was not promised yet. The listener keeps it until it is closed.
func freePort(t *testing.T) (int, net.Listener) {
	t.Helper()
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		if _, again := promised.LoadOrStore(port, true); !again {
			return port, l
		}
		_ = l.Close()
	}
}

// connectionFile makes one with ports that are free.
func connectionFile(t *testing.T) string {
	t.Helper()
	c := wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: wire.NewID(), Scheme: "hmac-sha256"}
	for _, port := range []*int{&c.Shell, &c.IOPub, &c.Stdin, &c.Control, &c.Heartbeat} {
		var l net.Listener
		*port, l = freePort(t)
		defer func() { _ = l.Close() }()
	}
	file := filepath.Join(t.TempDir(), "kernel-1a2b.json")
	if err := c.Write(file); err != nil {
		t.Fatal(err)
	}
	return file
}

// connect connects a front end to a kernel and waits until what that publishes arrives.
func connect(t *testing.T, file string) *client {
	t.Helper()
	conn, err := wire.ReadConnection(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	c := &client{t: t, file: file, session: wire.NewID(), others: map[string]wire.Message{}}
	k, id := wire.Key(conn.Key), zmq4.WithID(zmq4.SocketIdentity(c.session))
	again := zmq4.WithDialerMaxRetries(100)
	c.shell, c.control = newSocket(zmq4.NewDealer(ctx, id, again), k), newSocket(zmq4.NewDealer(ctx, id, again), k)
	c.stdin, c.sock = newSocket(zmq4.NewDealer(ctx, id, again), k), newSocket(zmq4.NewSub(ctx, again), k)
	c.heartbeat = zmq4.NewReq(ctx, again)
	if err := c.sock.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		t.Fatal(err)
	}
	for s, port := range map[zmq4.Socket]int{
		c.shell: conn.Shell, c.control: conn.Control, c.stdin: conn.Stdin, c.sock: conn.IOPub, c.heartbeat: conn.Heartbeat,
	} {
		if err := s.Dial(conn.Endpoint(port)); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []*socket{c.shell, c.control, c.stdin, c.sock} {
		s.read(ctx, func(err error) { t.Errorf("the kernel sent %v", err) })
	}
	t.Cleanup(func() {
		closeAll(c.shell, c.control, c.stdin, c.sock)
		_ = c.heartbeat.Close()
		end()
	})
	for len(c.published) == 0 { // the subscription may come late
		c.ask("kernel_info_request", map[string]any{})
		time.Sleep(20 * time.Millisecond)
		c.collect()
	}
	return c
}

// send sends a request on the shell.
func (c *client) send(kind string, content any) wire.Message {
	m := wire.New(c.session, kind, content)
	c.shell.send(m)
	return m
}

// execute sends a cell.
func (c *client) execute(code string) wire.Message { return c.executeAll(code)[0] }

// executeAll sends cells at one moment.
func (c *client) executeAll(cells ...string) []wire.Message {
	var all []wire.Message
	for _, code := range cells {
		all = append(all, wire.New(c.session, executeType, executeRequest{Code: code, Store: true, AllowStdin: true, StopOnError: true}))
	}
	for _, m := range all {
		c.shell.send(m)
	}
	return all
}

// receive takes the next message of a socket.
func (c *client) receive(s *socket) wire.Message {
	c.t.Helper()
	select {
	case m := <-s.in:
		return m
	case <-time.After(patience):
		c.t.Fatal("no message came")
		return wire.Message{}
	}
}

// reply takes the reply to a request; replies to others are left for later.
func (c *client) reply(to wire.Message) map[string]any {
	c.t.Helper()
	for {
		if m, ok := c.others[to.Header.ID]; ok {
			delete(c.others, to.Header.ID)
			return c.contentOf(m, to)
		}
		m := c.receive(c.shell)
		c.others[m.Parent.ID] = m
	}
}

func (c *client) contentOf(m, to wire.Message) map[string]any {
	c.t.Helper()
	var content map[string]any
	if err := m.Content(&content); err != nil {
		c.t.Fatal(err)
	}
	if m.Parent.ID != to.Header.ID || m.Header.Type != to.ReplyType() {
		c.t.Fatalf("%s to %s came, want the reply to %s", m.Header.Type, m.Parent.Type, to.Header.Type)
	}
	return content
}

// ask sends a request on the shell and takes its reply.
func (c *client) ask(kind string, content any) map[string]any {
	c.t.Helper()
	return c.reply(c.send(kind, content))
}

// command sends a request on the control channel and takes its reply.
func (c *client) command(kind string, content any) map[string]any {
	c.t.Helper()
	m := wire.New(c.session, kind, content)
	c.control.send(m)
	return c.contentOf(c.receive(c.control), m)
}

// collect takes what has been published so far.
func (c *client) collect() {
	for {
		select {
		case m := <-c.sock.in:
			c.published = append(c.published, m)
		default:
			return
		}
	}
}

// until takes what is published up to a message of this type, and with this text in it, for a request.
func (c *client) until(to wire.Message, kind, text string) {
	c.t.Helper()
	for {
		m := c.receive(c.sock)
		c.published = append(c.published, m)
		if m.Parent.ID == to.Header.ID && m.Header.Type == kind && strings.Contains(content(c.t, m), text) {
			return
		}
	}
}

// shown waits until a request is over and lists what was published for it: types, with the text of streams and the value of errors.
func (c *client) shown(to wire.Message) string {
	c.t.Helper()
	c.until(to, "status", "idle")
	var list []string
	for _, m := range c.published {
		if m.Parent.ID != to.Header.ID {
			continue
		}
		var content struct {
			Name, Text, Evalue string
			State              string `json:"execution_state"`
		}
		if err := m.Content(&content); err != nil {
			c.t.Fatal(err)
		}
		switch m.Header.Type {
		case "stream":
			list = append(list, content.Name+" "+strings.TrimSpace(content.Text))
		case "error":
			list = append(list, "error "+content.Evalue)
		case "status":
			list = append(list, content.State)
		default:
			list = append(list, m.Header.Type)
		}
	}
	return strings.Join(list, ", ")
}

// started runs a kernel with the fake GoNB and connects to it, beside other tests. It is ended with the test.
func started(t *testing.T) *client {
	t.Helper()
	t.Parallel()
	file := connectionFile(t)
	cmd, temp := startProcess(t, file)
	c := connect(t, file)
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("the kernel does not end")
		}
		if left, _ := filepath.Glob(filepath.Join(temp, "*")); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	})
	return c
}

// content is the content of a message as it came.
func content(t *testing.T, m wire.Message) string {
	t.Helper()
	var raw json.RawMessage
	if err := m.Content(&raw); err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// encoded is a value in JSON.
func encoded(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func statuses(c *client, cells ...wire.Message) []string {
	c.t.Helper()
	var list []string
	for _, m := range cells {
		list = append(list, c.reply(m)["status"].(string))
	}
	return list
}

// startProcess starts a kernel as a process of its own, with a folder for its temporary files, and with more in its environment.
func startProcess(t *testing.T, file string, env ...string) (cmd *exec.Cmd, temp string) {
	t.Helper()
	temp, err := os.MkdirTemp("/tmp", "k") // sockets want short paths
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(os.Args[0])
	cmd.Env = slices.Concat(os.Environ(), env, []string{"KERNEL_TEST_RUN=" + file, "TMPDIR=" + temp})
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		waitUntil(t, "its folder is gone", func() bool {
			left, _ := filepath.Glob(filepath.Join(temp, "*"))
			return len(left) == 0
		})
		_ = os.RemoveAll(temp)
	})
	return cmd, temp
}

func waitUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("not within %v: %s", patience, what)
			return
		}
	}
}
