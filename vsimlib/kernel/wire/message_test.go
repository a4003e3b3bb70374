// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestMessage(t *testing.T) {
	k := Key("secret")
	request := New("s1", "execute_request", map[string]string{"code": "<a & b>"})
	request.IDs, request.buffers = [][]byte{[]byte("client"), {}}, [][]byte{[]byte("buffer")}
	got, err := k.Parse(k.Frames(request))
	if err != nil {
		t.Fatal(err)
	}
	if got.Header != request.Header || !slices.EqualFunc(got.IDs, request.IDs, bytes.Equal) ||
		!slices.EqualFunc(got.buffers, request.buffers, bytes.Equal) {
		t.Errorf("%+v, sent %+v", got, request)
	}
	var content struct{ Code string }
	if err := got.Content(&content); err != nil || content.Code != "<a & b>" {
		t.Errorf("content %+v, %v", content, err)
	}
	reply := got.Answer("s2", got.ReplyType(), map[string]string{"status": "ok"})
	if reply.Header.Type != "execute_reply" || reply.Header.Session != "s2" || reply.Header.ID == request.Header.ID ||
		reply.Parent != request.Header || string(reply.IDs[0]) != "client" || len(reply.buffers) != 0 {
		t.Errorf("reply %+v", reply)
	}
	if got, err = k.Parse(k.Frames(reply)); err != nil || got.Parent != request.Header {
		t.Errorf("reply read again: %+v, %v", got, err)
	}
}

// TestSignature compares with one that Python's hmac has made.
func TestSignature(t *testing.T) {
	raw := [][]byte{[]byte(`{"msg_type":"a"}`), []byte("{}"), []byte("{}"), []byte(`{"x":1}`)}
	const want = "27420d152c6253e6b0e61daab85e29babeed8061708d3a72147b49ace4940424"
	if got := string(Key("secret").sign(raw)); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	if got := Key("").sign(raw); len(got) != 0 {
		t.Errorf("without a key: %s", got)
	}
}

func TestWrongMessages(t *testing.T) {
	k := Key("secret")
	good := k.Frames(New("s", "execute_request", map[string]string{}))
	change := func(at int, to string) [][]byte {
		frames := slices.Clone(good)
		frames[at] = []byte(to)
		return frames
	}
	signed := func(header, metadata, content string) [][]byte {
		raw := [][]byte{[]byte(header), []byte("{}"), []byte(metadata), []byte(content)}
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
		{"another key", Key("other").Frames(New("s", "execute_request", nil)), "signature"},
		{"no JSON", signed("{", "{}", "{}"), "header"},
		{"no type", signed("{}", "{}", "{}"), "without a type"},
		{"metadata", signed(`{"msg_type":"comm_msg"}`, "[]", "{}"), "metadata"},
		{"content", signed(`{"msg_type":"comm_msg"}`, "{}", "{"), "comm_msg: the content is no JSON"},
	} {
		if _, err := k.Parse(c.frames); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Key("").Parse(change(1, "")); err != nil {
		t.Errorf("without a key nothing is signed: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("a"), []byte(`{"msg_type":"x"}`), []byte("{}"))
	f.Fuzz(func(t *testing.T, id, header, content []byte) {
		m, err := Key("").Parse([][]byte{id, []byte(delimiter), nil, header, []byte("{}"), []byte("{}"), content, id})
		if err == nil && m.Header.Type == "" {
			t.Error("a message without a type")
		}
		_ = m.Content(new(struct{ Code string }))
	})
}
