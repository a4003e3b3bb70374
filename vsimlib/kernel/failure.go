// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// fault is why a cell failed, as in the content of an error and of an execute_reply.
type fault struct {
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

// reply is the content of the reply to a request that failed.
func (f fault) reply() map[string]any {
	return map[string]any{"status": "error", "ename": f.Name, "evalue": f.Value, "traceback": f.Traceback}
}

// interruptedName is the name of an interrupted cell's error, which front ends know from Python.
const interruptedName = "KeyboardInterrupt"

// interruptedFault is the error of a cell that was interrupted before its program had a word to say.
func interruptedFault() fault { return fault{interruptedName, "interrupted", []string{"interrupted"}} }

// programEnd is what GoNB says of a program that did not end with exit status 0, on stderr and in the error.
var programEnd = regexp.MustCompile(`^(\^C\n)?(exit status \d+|signal: [a-z0-9 ]+( \(core dumped\))?)\n?$`)

// crash begins what the Go runtime writes before it ends a program.
var crash = regexp.MustCompile(`(?m)^(panic|fatal error): (.*)`)

// crashStatus is how such a program ends.
const crashStatus = "exit status 2"

const (
	holdTime  = time.Second // how long the last line on stderr is held back
	holdBytes = 1 << 20     // and how much of a panic
)

// stderr holds back the end of what a cell writes on stderr, for a moment: a cell that fails does so right after the line that says
// why. GoNB shows that line, then "exit status 1" on stderr, then "exit status 1" as the error; here the line is the error, and the
// other two are dropped.
type stderr struct {
	text    string    // the last line, or a crash from its first line on
	crashed bool      // text is a crash
	end     string    // GoNB's own word on how the program ended
	since   time.Time // when text was last added to
	shown   string    // the last line that was not held back
	why     []string  // the crash that was too long to be held back: panic or fatal error, and its text
}

// add takes what was written and returns what is to be shown now.
func (s *stderr) add(written string, now time.Time) (show string) {
	if programEnd.MatchString(written) {
		show = s.end // of an earlier program of the cell, which the cell survived
		if show != "" {
			s.why = nil
		}
		s.end, s.since = written, now
		return show
	}
	if s.end != "" {
		show = s.flush()
		s.why = nil
	}
	text := s.text + written
	s.since = now
	if at := crash.FindStringIndex(text); at != nil {
		s.text, s.crashed = text[at[0]:], true
		show += text[:at[0]]
	} else {
		at := strings.LastIndexByte(strings.TrimSuffix(text, "\n"), '\n') + 1
		s.text = text[at:]
		show += text[:at]
	}
	s.note(show)
	if len(s.text) > holdBytes {
		show += s.flush()
	}
	return show
}

// due returns what was held back long enough.
func (s *stderr) due(now time.Time) (show string) {
	if s.text == "" && s.end == "" || now.Sub(s.since) < holdTime {
		return ""
	}
	return s.flush()
}

// flush returns all that is held back.
func (s *stderr) flush() (show string) {
	show = s.text + s.end
	s.note(s.text)
	if match := crash.FindStringSubmatch(s.text); s.crashed && match != nil {
		s.why = match[1:]
	}
	s.text, s.end, s.crashed = "", "", false
	return show
}

// note keeps the last line of what is shown.
func (s *stderr) note(show string) {
	if lines := strings.Fields(show); len(lines) > 0 {
		whole := strings.Split(strings.TrimRight(show, "\n\r \t"), "\n")
		s.shown = strings.TrimSpace(whole[len(whole)-1])
	}
}

// explain turns GoNB's error into the one that is shown, and returns what is to be shown before it.
func (s *stderr) explain(f fault, interrupted bool) (show string, _ fault) {
	program := programEnd.MatchString(f.Value)
	switch {
	case !program && interrupted: // in a compiler
		return s.flush(), interruptedFault()
	case !program: // a compiler's error, or one of GoNB's own
		f.Traceback = slices.DeleteFunc(f.Traceback, noise)
		return s.flush(), f
	}
	why := fault{f.Name, "", nil}
	text := strings.TrimRight(s.text, "\n\r \t")
	switch match := crash.FindStringSubmatch(text); {
	case s.crashed && match != nil:
		why = fault{match[1], match[2], strings.Split(text, "\n")}
	case len(s.why) > 0 && strings.HasSuffix(strings.TrimSpace(f.Value), crashStatus): // what is held back is the rest of it
		show = s.text
		why = fault{s.why[0], s.why[1], []string{s.why[0] + ": " + s.why[1]}}
	case strings.TrimSpace(text) != "":
		why.Value = strings.TrimSpace(text)
		why.Traceback = []string{why.Value}
	case interrupted:
		why = interruptedFault()
	default:
		why.Value, why.Traceback = f.Value, []string{f.Value}
		if s.shown != "" {
			why.Value = s.shown
		}
	}
	if interrupted {
		why.Name = interruptedName
	}
	*s = stderr{}
	return show, why
}

// noise reports whether a line of an error says nothing: the name of GoNB's temporary package, or how the compiler ended.
func noise(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "# gonb_") || programEnd.MatchString(line)
}
