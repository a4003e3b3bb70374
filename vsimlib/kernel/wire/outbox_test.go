// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// pipe is an outbox and its peer, which takes nothing but what it reads.
func pipe(t *testing.T, shedding *Shedding) (o *outbox, peer net.Conn) {
	t.Helper()
	kernel, peer := net.Pipe()
	t.Cleanup(func() { _, _ = kernel.Close(), peer.Close() })
	o = newOutbox(kernel, shedding)
	o.most, o.patience = 1000, 0
	return o, peer
}

// put writes a message in parts, as zmq4 does, but for the sizes of the parts.
func put(t *testing.T, o *outbox, frames ...string) {
	t.Helper()
	var all [][]byte
	for _, frame := range frames {
		all = append(all, []byte(frame))
	}
	for part := range slices.Chunk(join(all), 7) {
		if n, err := o.Write(part); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
}

// get reads messages up to one that begins with this.
func get(t *testing.T, peer net.Conn, end string) (list []string) {
	t.Helper()
	var message []byte
	for {
		part := make([]byte, 1)
		if _, err := io.ReadFull(peer, part); err != nil {
			t.Fatal(err)
		}
		message = append(message, part...)
		for whole := 0; whole < len(message); {
			size, last := frameSize(message[whole:])
			if whole += size; whole == len(message) && last {
				list = append(list, string(bytes.Join(split(message), []byte(" "))))
				if strings.HasPrefix(list[len(list)-1], end) {
					return list
				}
				message, whole = nil, 0
			}
		}
	}
}

// TestOutbox: of what a peer does not take, messages that may be dropped are left out, once the outbox is full, and later all; it
// hears of it once it reads again.
func TestOutbox(t *testing.T) {
	o, peer := pipe(t, &Shedding{
		Droppable: func(frames [][]byte) bool { return string(frames[0]) == "out" },
		Notice: func(left [][]byte, count int) [][]byte {
			return [][]byte{[]byte("notice"), fmt.Appendf(nil, "%d before %s", count, left[1][:4])}
		},
	})
	const size = 400
	for i := range 8 {
		put(t, o, "out", fmt.Sprint(i, strings.Repeat("x", size)), "")
	}
	for i := range 4 {
		put(t, o, "status", fmt.Sprint(i, strings.Repeat("x", size)))
	}
	got := get(t, peer, "status 1")
	put(t, o, "end")
	got = append(got, get(t, peer, "end")...)
	want := []string{
		"out 0xxxxx", "out 1xxxxx", "out 2xxxxx", "notice 5 before 7xxx", "status 0xx", "status 1xx", "notice 2 before 3xxx", "end",
	}
	for i, m := range got {
		got[i] = m[:min(len(m), 10)]
		if strings.HasPrefix(m, "notice") {
			got[i] = m
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFullOutbox: a socket that answers loses nothing, and reads no more from a peer that does not take its answers.
func TestFullOutbox(t *testing.T) {
	kernel, peer := net.Pipe()
	defer func() { _, _ = kernel.Close(), peer.Close() }()
	g := newGuard(kernel, nil)
	g.greeted, g.ready, g.outbox.most = true, true, 1000
	var want []string
	for i := range 9 {
		want = append(want, fmt.Sprint(i, strings.Repeat("x", 400)))
		put(t, g.outbox, want[i])
	}
	put(t, g.outbox, "end")
	asked, read := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := io.WriteString(peer, frame(0, "?"))
		asked <- err
	}()
	go func() {
		_, err := io.ReadFull(g, make([]byte, 3))
		read <- err
	}()
	select {
	case err := <-asked:
		t.Errorf("it is read from while its outbox is full: %v", err)
	case <-time.After(10 * time.Millisecond): // enough to see it on most runs
	}
	if got := get(t, peer, "end"); !slices.Equal(got, append(want, "end")) {
		t.Errorf("%d messages arrive", len(got))
	}
	for _, done := range []chan error{asked, read} {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	_ = peer.Close()
	for i := 0; ; i++ { // until the outbox knows
		if _, err := g.outbox.Write(join([][]byte{[]byte("gone")})); err != nil {
			break
		}
	}
}
