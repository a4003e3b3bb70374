// SPDX-License-Identifier: Apache-2.0

// Package wire is the wire protocol of Jupyter: signed messages, and the file that says where a kernel listens.
package wire

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// delimiter divides a message's routing frames from its content.
const delimiter = "<IDS|MSG>"

// protocol is the version of Jupyter's messaging protocol in the headers of this package's own messages.
const protocol = "5.3"

// Header is the part of a message that says what it is. Fields that it lacks are kept: a message that is passed on keeps the
// bytes of its header.
type Header struct {
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

// Message is one message of Jupyter's wire protocol.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
type Message struct {
	IDs     [][]byte // who sent it, or is to get it; the topic on iopub
	Header  Header
	Parent  Header
	raw     [parts]json.RawMessage
	buffers [][]byte
}

// Content decodes the message's content into the value that into points to.
func (m Message) Content(into any) error {
	if err := json.Unmarshal(m.raw[contentPart], into); err != nil {
		return fmt.Errorf("%s: content: %w", m.Header.Type, err)
	}
	return nil
}

// With is the message with another content.
func (m Message) With(content any) Message {
	m.raw[contentPart] = encode(content)
	return m
}

// New makes a message of a session of this kernel; kind is its type.
func New(session, kind string, content any) Message {
	h := Header{NewID(), session, "vsim", time.Now().UTC().Format(time.RFC3339Nano), kind, protocol}
	return Message{Header: h, raw: [parts]json.RawMessage{encode(h), json.RawMessage("{}"), json.RawMessage("{}"), encode(content)}}
}

// Answer makes a message that has m as its parent and goes to the sender of m.
func (m Message) Answer(session, kind string, content any) Message {
	a := New(session, kind, content)
	a.IDs, a.Parent, a.raw[parentPart] = m.IDs, m.Header, m.raw[headerPart]
	return a
}

// Beside makes a message that has the parent of m and goes where m went.
func (m Message) Beside(session, kind string, content any) Message {
	b := New(session, kind, content)
	b.IDs, b.Parent, b.raw[parentPart] = m.IDs, m.Parent, m.raw[parentPart]
	return b
}

// ReplyType is the type of the reply to a request.
func (m Message) ReplyType() string { return strings.TrimSuffix(m.Header.Type, "_request") + "_reply" }

// encode is v in JSON. What this package encodes are maps and structs of plain values, which cannot fail.
func encode(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("{}")
	}
	return data
}

// NewID is a random name.
func NewID() string { return rand.Text() }

// Key signs messages; an empty one signs nothing and accepts everything.
type Key []byte

// sign is the signature of a message's parts, in hexadecimal.
func (k Key) sign(raw [][]byte) []byte {
	if len(k) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, k)
	for _, part := range raw {
		_, _ = mac.Write(part)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// Frames are a message's frames on the wire.
func (k Key) Frames(m Message) [][]byte {
	raw := make([][]byte, parts)
	for i := range raw {
		raw[i] = m.raw[i]
	}
	return slices.Concat(m.IDs, [][]byte{[]byte(delimiter), k.sign(raw)}, raw, m.buffers)
}

// Parse reads a message from its frames. It fails where the frames are no message or the signature is not this key's. All parts
// have to be JSON, also where the message is only passed on: GoNB ends at the first that is not.
func (k Key) Parse(frames [][]byte) (Message, error) {
	at := slices.IndexFunc(frames, func(frame []byte) bool { return string(frame) == delimiter })
	if at < 0 || len(frames) < at+2+parts {
		return Message{}, fmt.Errorf("%d frames are no message", len(frames))
	}
	signature, raw := frames[at+1], frames[at+2:at+2+parts]
	if len(k) > 0 && !hmac.Equal(signature, k.sign(raw)) {
		return Message{}, errors.New("a message whose signature is wrong")
	}
	m := Message{IDs: frames[:at], buffers: frames[at+2+parts:]}
	for i := range m.raw {
		m.raw[i] = raw[i]
	}
	if err := json.Unmarshal(raw[headerPart], &m.Header); err != nil {
		return Message{}, fmt.Errorf("a message's header: %w", err)
	}
	if m.Header.Type == "" {
		return Message{}, errors.New("a message without a type")
	}
	if err := json.Unmarshal(raw[parentPart], &m.Parent); err != nil {
		return Message{}, fmt.Errorf("a message's parent header: %w", err)
	}
	var metadata map[string]json.RawMessage
	if err := json.Unmarshal(raw[metadataPart], &metadata); err != nil {
		return Message{}, fmt.Errorf("a message's metadata: %w", err)
	}
	if !json.Valid(raw[contentPart]) {
		return Message{}, fmt.Errorf("%s: the content is no JSON", m.Header.Type)
	}
	return m, nil
}
