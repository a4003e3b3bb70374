// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"path"
	"slices"
)

// mostHistory is how many cells are remembered.
const mostHistory = 1000

// history is what was executed, for the front ends that have arrow keys.
type history struct{ cells []entry }

// entry is one executed cell.
type entry struct {
	line int // its execution count, or, until GoNB has said that, a guess
	code string
}

// add enters a cell whose execution begins.
func (h *history) add(code string) {
	line := 1
	if len(h.cells) > 0 {
		line = h.cells[len(h.cells)-1].line + 1
	}
	h.cells = append(h.cells, entry{line, code})
	h.cells = h.cells[max(0, len(h.cells)-mostHistory):]
}

// counted sets the execution count of the last cell.
func (h *history) counted(line int) {
	if len(h.cells) > 0 && line > 0 {
		h.cells[len(h.cells)-1].line = line
	}
}

// last is the execution count of the last cell.
func (h *history) last() int {
	if len(h.cells) == 0 {
		return 0
	}
	return h.cells[len(h.cells)-1].line
}

// historyRequest is the content of a history_request.
type historyRequest struct {
	Output  bool   `json:"output"`
	Access  string `json:"hist_access_type"` // range, tail or search
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    int    `json:"stop"`
	N       int    `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// session is the number of the present session in histories; there is no other.
const session = 1

// find is the content of the reply: lists of session, line and input, and of output, which is null, where that is asked for.
func (h *history) find(r historyRequest) map[string]any {
	var found []entry
	switch r.Access {
	case "range":
		for _, e := range h.cells {
			if r.Session <= session && e.line >= r.Start && (e.line < r.Stop || r.Stop <= 0) {
				found = append(found, e)
			}
		}
	case "search":
		found = h.search(r)
	default:
		found = h.cells
	}
	if r.Access != "range" && r.N > 0 {
		found = found[max(0, len(found)-r.N):]
	}
	list := []any{}
	for _, e := range found {
		var input any = e.code
		if r.Output {
			input = []any{e.code, nil}
		}
		list = append(list, []any{session, e.line, input})
	}
	return map[string]any{"status": "ok", "history": list}
}

// search lists the cells that match a glob pattern, each text once where that is asked for.
func (h *history) search(r historyRequest) []entry {
	var found []entry
	for _, e := range h.cells {
		if ok, err := path.Match(pathless(r.Pattern), pathless(e.code)); err != nil || !ok {
			continue
		}
		if r.Unique {
			found = slices.DeleteFunc(found, func(other entry) bool { return other.code == e.code })
		}
		found = append(found, e)
	}
	return found
}

// pathless hides from path.Match that slashes divide paths.
func pathless(s string) string {
	text := []byte(s)
	for i := range text {
		if text[i] == '/' {
			text[i] = 0
		}
	}
	return string(text)
}
