// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// delimiter divides a message's routing frames from its content.
const delimiter = "<IDS|MSG>"

// protocol is the version of Jupyter's messaging protocol in the headers of this package's own messages.
const protocol = "5.3"

// header is the part of a message that says what it is. Fields that it lacks are kept: a message that is passed on keeps the
// bytes of its header.
type header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

// Parts of a message, in the order of the wire.
const (
	headerPart = iota
	parentPart
	metadataPart
	contentPart
	parts
)

// message is one message of Jupyter's wire protocol.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
type message struct {
	ids     [][]byte // who sent it, or is to get it; the topic on iopub
	header  header
	parent  header
	raw     [parts]json.RawMessage
	buffers [][]byte
}

// content decodes the message's content into the value that into points to.
func (m message) content(into any) error {
	if err := json.Unmarshal(m.raw[contentPart], into); err != nil {
		return fmt.Errorf("%s: content: %w", m.header.Type, err)
	}
	return nil
}

// with is the message with another content.
func (m message) with(content any) message {
	m.raw[contentPart] = encode(content)
	return m
}

// newMessage makes a message of this kernel's session.
func newMessage(session, kind string, content any) message {
	h := header{newID(), session, "vsim", time.Now().UTC().Format(time.RFC3339Nano), kind, protocol}
	return message{header: h, raw: [parts]json.RawMessage{encode(h), json.RawMessage("{}"), json.RawMessage("{}"), encode(content)}}
}

// answer makes a message that has m as its parent and goes to the sender of m.
func (m message) answer(session, kind string, content any) message {
	a := newMessage(session, kind, content)
	a.ids, a.parent, a.raw[parentPart] = m.ids, m.header, m.raw[headerPart]
	return a
}

// encode is v in JSON. What this package encodes are maps and structs of plain values, which cannot fail.
func encode(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("{}")
	}
	return data
}

// newID is a random name.
func newID() string { return rand.Text() }

// key signs messages; an empty one signs nothing and accepts everything.
type key []byte

// sign is the signature of a message's parts, in hexadecimal.
func (k key) sign(raw [][]byte) []byte {
	if len(k) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, k)
	for _, part := range raw {
		_, _ = mac.Write(part)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// frames are a message's frames on the wire.
func (k key) frames(m message) [][]byte {
	raw := make([][]byte, parts)
	for i := range raw {
		raw[i] = m.raw[i]
	}
	return slices.Concat(m.ids, [][]byte{[]byte(delimiter), k.sign(raw)}, raw, m.buffers)
}

// parse reads a message from its frames. It fails where the frames are no message or the signature is not this key's.
func (k key) parse(frames [][]byte) (message, error) {
	at := slices.IndexFunc(frames, func(frame []byte) bool { return string(frame) == delimiter })
	if at < 0 || len(frames) < at+2+parts {
		return message{}, fmt.Errorf("%d frames are no message", len(frames))
	}
	signature, raw := frames[at+1], frames[at+2:at+2+parts]
	if len(k) > 0 && !hmac.Equal(signature, k.sign(raw)) {
		return message{}, errors.New("a message whose signature is wrong")
	}
	m := message{ids: frames[:at], buffers: frames[at+2+parts:]}
	for i := range m.raw {
		m.raw[i] = raw[i]
	}
	if err := json.Unmarshal(raw[headerPart], &m.header); err != nil {
		return message{}, fmt.Errorf("a message's header: %w", err)
	}
	if m.header.Type == "" {
		return message{}, errors.New("a message without a type")
	}
	if err := json.Unmarshal(raw[parentPart], &m.parent); err != nil {
		return message{}, fmt.Errorf("a message's parent header: %w", err)
	}
	return m, nil
}
