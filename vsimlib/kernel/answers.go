// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"

	"vsim/vsimlib/kernel/code"
	"vsim/vsimlib/kernel/wire"
)

// languageInfo is what notebooks keep of the kernel's language. GoNB tells the version of Go it was built with, which would change
// every notebook that is opened with another; the version here is the language's.
var languageInfo = map[string]any{
	"name": "go", "version": "1", "mimetype": "text/x-go", "file_extension": ".go", "pygments_lexer": "go", "codemirror_mode": "go",
}

// control takes a request that waits for no other, as all of the control channel do.
func (k *kernel) control(m wire.Message, to *socket) {
	switch m.Header.Type {
	case "interrupt_request":
		k.interrupt() // before the reply: what is sent after that is not meant
		k.respond(m, to, map[string]any{"status": "ok"})
	case "shutdown_request":
		var content struct {
			Restart bool `json:"restart"`
		}
		if err := m.Content(&content); err != nil {
			k.log(err)
		}
		k.forget = !content.Restart
		k.respond(m, to, map[string]any{"status": "ok", "restart": content.Restart})
		k.end()
	default:
		k.answer(m, to)
	}
}

// answer answers a request that GoNB does not, or not as it should.
func (k *kernel) answer(m wire.Message, to *socket) {
	switch m.Header.Type {
	case "kernel_info_request":
		info := k.fields(k.gonb.info)
		info["language_info"] = languageInfo
		k.respond(m, to, info)
	case "is_complete_request":
		var content struct{ Code string }
		if err := m.Content(&content); err != nil {
			k.refuse(m, to, err)
			return
		}
		status, indent := code.IsComplete(content.Code)
		k.respond(m, to, map[string]any{"status": status, "indent": indent})
	case "history_request":
		var content historyRequest
		if err := m.Content(&content); err != nil {
			k.refuse(m, to, err)
			return
		}
		k.respond(m, to, k.history.find(content))
	case "comm_info_request":
		k.respond(m, to, map[string]any{"status": "ok", "comms": map[string]any{}})
	default:
		k.log(fmt.Errorf("%s is not known", m.Header.Type))
	}
}

// respond sends a reply, between busy and idle.
func (k *kernel) respond(m wire.Message, to *socket, content map[string]any) {
	k.front.status(m, "busy")
	to.send(m.Answer(k.front.session, m.ReplyType(), content))
	k.front.status(m, "idle")
}
