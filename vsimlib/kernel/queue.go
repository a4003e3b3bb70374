// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"vsim/vsimlib/kernel/code"
	"vsim/vsimlib/kernel/wire"
)

// executeRequest is the content of an execute_request. GoNB asks for each field.
type executeRequest struct {
	Code        string         `json:"code"`
	Silent      bool           `json:"silent"`
	Store       bool           `json:"store_history"`
	Expressions map[string]any `json:"user_expressions"`
	AllowStdin  bool           `json:"allow_stdin"`
	StopOnError bool           `json:"stop_on_error"`
}

// executeType is the type of the request that this kernel knows most of.
const executeType = "execute_request"

// shell takes a request of the shell.
func (k *kernel) shell(m wire.Message) {
	switch m.Header.Type {
	case "comm_open", "comm_msg", "comm_close": // of widgets, whose cell runs
		k.gonb.shell.send(m)
	case "shutdown_request", "interrupt_request":
		k.control(m, k.front.shell)
	default:
		if m.Header.Type == executeType && k.late(m) {
			k.aborted(m)
			return
		}
		k.queue = append(k.queue, m)
	}
}

// next answers the requests that wait, in order, up to one that GoNB has to answer, which it gets once it is at no other.
func (k *kernel) next() {
	for len(k.queue) > 0 {
		m := k.queue[0]
		forGoNB := m.Header.Type == executeType || m.Header.Type == "complete_request" || m.Header.Type == "inspect_request"
		if k.running != nil && (forGoNB || !k.running.hidden) {
			return
		}
		k.queue = k.queue[1:]
		switch {
		case forGoNB && !k.ending.IsZero():
			k.aborted(m)
		case forGoNB:
			k.start(m)
		default:
			k.answer(m, k.front.shell)
		}
	}
}

// start gives GoNB a request.
func (k *kernel) start(m wire.Message) {
	if m.Header.Type != executeType {
		k.ask(m)
		return
	}
	r := &request{Message: m, signalled: map[int]bool{}, execute: executeRequest{Store: true, AllowStdin: true, StopOnError: true}}
	if err := m.Content(&r.execute); err != nil {
		k.refuse(m, k.front.shell, err)
		return
	}
	if why := code.Unfit(r.execute.Code); why != "" {
		k.fail(m, fault{"ERROR", why, []string{why}})
		return
	}
	r.execute.Store = r.execute.Store && !r.execute.Silent
	if r.execute.Store {
		k.history.add(r.execute.Code)
	}
	k.run(r, m.With(r.execute))
}

// question is the content of a complete_request or inspect_request.
type question struct {
	Code   string `json:"code"`
	Cursor int    `json:"cursor_pos"`
	Detail int    `json:"detail_level"`
}

// ask gives GoNB a question on a cell's code, or answers it where there is nothing to tell.
func (k *kernel) ask(m wire.Message) {
	var q question
	if err := m.Content(&q); err != nil {
		k.refuse(m, k.front.shell, err)
		return
	}
	q.Cursor = code.Inside(q.Code, q.Cursor)
	at, ok := q.Cursor, code.Unfit(q.Code) == ""
	inspect := m.Header.Type == "inspect_request"
	if ok && inspect && !code.InCommand(q.Code, at) {
		at, ok = code.Named(q.Code, at)
	}
	switch {
	case ok:
		r := &request{Message: m, question: q}
		q.Cursor = code.ToUnits(q.Code, at)
		k.run(r, m.With(q))
	case inspect:
		none := map[string]any{}
		k.respond(m, k.front.shell, map[string]any{"status": "ok", "found": false, "data": none, "metadata": none})
	default:
		k.respond(m, k.front.shell, map[string]any{
			"status": "ok", "matches": []string{}, "metadata": map[string]any{}, "cursor_start": q.Cursor, "cursor_end": q.Cursor})
	}
}

// run sends GoNB a request's message.
func (k *kernel) run(r *request, m wire.Message) {
	k.running = r
	k.tick.Reset(workTick)
	k.gonb.shell.send(m)
}

// prelude executes the prelude.
func (k *kernel) prelude() {
	if k.options.Prelude == "" {
		return
	}
	m := wire.New(k.gonb.session, executeType, executeRequest{Code: k.options.Prelude, Silent: true})
	k.running = &request{Message: m, hidden: true}
	k.gonb.shell.send(m)
}

// refuse answers a request that cannot be read.
func (k *kernel) refuse(m wire.Message, to *socket, err error) {
	k.front.status(m, "busy")
	f := fault{"ValueError", err.Error(), []string{err.Error()}}
	to.send(m.Answer(k.front.session, m.ReplyType(), f.reply()))
	k.front.status(m, "idle")
}
