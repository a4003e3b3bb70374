// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestMessage(t *testing.T) {
	k := key("secret")
	request := newMessage("s1", "execute_request", map[string]string{"code": "<a & b>"})
	request.ids, request.buffers = [][]byte{[]byte("client"), {}}, [][]byte{[]byte("buffer")}
	got, err := k.parse(k.frames(request))
	if err != nil {
		t.Fatal(err)
	}
	if got.header != request.header || !slices.EqualFunc(got.ids, request.ids, bytes.Equal) ||
		!slices.EqualFunc(got.buffers, request.buffers, bytes.Equal) {
		t.Errorf("%+v, sent %+v", got, request)
	}
	var content struct{ Code string }
	if err := got.content(&content); err != nil || content.Code != "<a & b>" {
		t.Errorf("content %+v, %v", content, err)
	}
	reply := got.answer("s2", replyType(got), map[string]string{"status": "ok"})
	if reply.header.Type != "execute_reply" || reply.header.Session != "s2" || reply.header.ID == request.header.ID ||
		reply.parent != request.header || string(reply.ids[0]) != "client" || len(reply.buffers) != 0 {
		t.Errorf("reply %+v", reply)
	}
	if got, err = k.parse(k.frames(reply)); err != nil || got.parent != request.header {
		t.Errorf("reply read again: %+v, %v", got, err)
	}
}

// TestSignature compares with one that Python's hmac has made.
func TestSignature(t *testing.T) {
	raw := [][]byte{[]byte(`{"msg_type":"a"}`), []byte("{}"), []byte("{}"), []byte(`{"x":1}`)}
	const want = "27420d152c6253e6b0e61daab85e29babeed8061708d3a72147b49ace4940424"
	if got := string(key("secret").sign(raw)); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	if got := key("").sign(raw); len(got) != 0 {
		t.Errorf("without a key: %s", got)
	}
}

func TestWrongMessages(t *testing.T) {
	k := key("secret")
	good := k.frames(newMessage("s", "execute_request", map[string]string{}))
	change := func(at int, to string) [][]byte {
		frames := slices.Clone(good)
		frames[at] = []byte(to)
		return frames
	}
	signed := func(header string) [][]byte {
		raw := [][]byte{[]byte(header), []byte("{}"), []byte("{}"), []byte("{}")}
		return slices.Concat([][]byte{[]byte(delimiter), k.sign(raw)}, raw)
	}
	for _, c := range []struct {
		name   string
		frames [][]byte
		want   string
	}{
		{"nothing", nil, "no message"},
		{"no delimiter", change(0, "x"), "no message"},
		{"too short", good[:5], "no message"},
		{"another signature", change(1, strings.Repeat("0", 64)), "signature"},
		{"no signature", change(1, ""), "signature"},
		{"another content", change(5, `{"code":"evil"}`), "signature"},
		{"another key", key("other").frames(newMessage("s", "execute_request", nil)), "signature"},
		{"no JSON", signed("{"), "header"},
		{"no type", signed("{}"), "without a type"},
	} {
		if _, err := k.parse(c.frames); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := key("").parse(change(1, "")); err != nil {
		t.Errorf("without a key nothing is signed: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("a"), []byte(`{"msg_type":"x"}`), []byte("{}"))
	f.Fuzz(func(t *testing.T, id, header, content []byte) {
		m, err := key("").parse([][]byte{id, []byte(delimiter), nil, header, []byte("{}"), []byte("{}"), content, id})
		if err == nil && m.header.Type == "" {
			t.Error("a message without a type")
		}
		_ = m.content(new(executeRequest))
	})
}
