// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestExplain follows what a cell writes on stderr to what is shown of it and the error in its place.
func TestExplain(t *testing.T) {
	const crashText = "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/tmp/main.go:11\nexit status 2\n"
	plain := func(line string) fault { return fault{"ERROR", line, []string{line}} }
	const deadlock = "all goroutines are asleep - deadlock!"
	const undefined = "# gonb_1\n./main.go:3:1: undefined: x\n"
	for _, c := range []struct {
		name        string
		written     []string
		gonb        fault
		interrupted bool
		shown       string
		want        fault
	}{
		{"one line", []string{"no corpus\n", "exit status 1\n"}, plain("exit status 1"), false, "", plain("no corpus")},
		{"in pieces", []string{"no", " cor", "pus", "\n", "exit status 1\n"}, plain("exit status 1"), false, "", plain("no corpus")},
		{"no line end", []string{"no corpus", "exit status 1\n"}, plain("exit status 1"), false, "", plain("no corpus")},
		{"warnings before", []string{"warning\nslow\nno corpus\n", "exit status 1\n"}, plain("exit status 1"), false, "warning\nslow\n",
			plain("no corpus")},
		{"nothing", []string{"exit status 3\n"}, plain("exit status 3"), false, "", plain("exit status 3")},
		{"blank lines", []string{"\n\n", "exit status 3\n"}, plain("exit status 3"), false, "\n", plain("exit status 3")},
		{"a panic", []string{"before\n", "panic: ", "boom\n", "\ngoroutine 1 [running]:\nmain.main()\n", "exit status 2\n"},
			plain("exit status 2"), false, "before\n",
			fault{"panic", "boom", []string{"panic: boom", "", "goroutine 1 [running]:", "main.main()"}}},
		{"a fatal error", []string{"fatal error: " + deadlock + "\n\ngoroutine 1:\n", "exit status 2\n"}, plain("exit status 2"),
			false, "", fault{"fatal error", deadlock, []string{"fatal error: " + deadlock, "", "goroutine 1:"}}},
		{"a panic's text that is no panic", []string{"no panic: really\n", "exit status 1\n"}, plain("exit status 1"), false, "",
			fault{"ERROR", "no panic: really", []string{"no panic: really"}}},
		{"killed", []string{"signal: killed\n"}, plain("signal: killed"), false, "", plain("signal: killed")},
		{"interrupted", []string{"^C\nsignal: interrupt\n"}, plain("signal: interrupt"), true, "", interruptedFault()},
		{"interrupted with a word", []string{"stopped at step 3\n", "^C\nexit status 130\n"}, plain("exit status 130"), true, "",
			fault{interruptedName, "stopped at step 3", []string{"stopped at step 3"}}},
		{"interrupted in the compiler", nil, fault{"ERROR", "\nsignal: interrupt", []string{"", "signal: interrupt"}}, true, "",
			interruptedFault()},
		{"does not compile", nil, fault{"ERROR", undefined, []string{"# gonb_1", "Cell[1]\nundefined: x", ""}}, false,
			"", fault{"ERROR", undefined, []string{"Cell[1]\nundefined: x"}}},
		{"does not compile after a shell's line", []string{"exit status 1\n"}, plain("undefined: x"), false,
			"exit status 1\n",
			plain("undefined: x")},
		{"a program after a shell's line", []string{"exit status 1\n", "no corpus\n", "exit status 1\n"}, plain("exit status 1"),
			false, "exit status 1\n",
			plain("no corpus")},
	} {
		var s stderr
		shown := ""
		for _, written := range c.written {
			shown += s.add(written, time.Time{})
		}
		show, got := s.explain(c.gonb, c.interrupted)
		if shown += show; shown != c.shown || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: shown %q, error %q, want %q, %q", c.name, shown, got, c.shown, c.want)
		}
		if left := s.flush(); left != "" {
			t.Errorf("%s: %q is left", c.name, left)
		}
	}
	var s stderr // of a cell that does not fail: nothing is lost
	if shown := s.add(crashText, time.Time{}) + s.flush(); shown != crashText {
		t.Errorf("%q becomes %q", crashText, shown)
	}
}

// TestHeldBack: the last line is held back for a second, and no longer; a cell that fails later has it in its error all the same.
func TestHeldBack(t *testing.T) {
	var s stderr
	now := time.Now()
	if show := s.add("warning: slow\n", now); show != "" {
		t.Errorf("shown at once: %q", show)
	}
	if show := s.due(now.Add(holdTime / 2)); show != "" {
		t.Errorf("shown too early: %q", show)
	}
	if show := s.due(now.Add(holdTime)); show != "warning: slow\n" {
		t.Errorf("after a second: %q", show)
	}
	if show := s.due(now.Add(2 * holdTime)); show != "" {
		t.Errorf("shown twice: %q", show)
	}
	s.add("exit status 1\n", now)
	show, f := s.explain(fault{"ERROR", "exit status 1", []string{"exit status 1"}}, false)
	if show != "" || f.Value != "warning: slow" || !slices.Equal(f.Traceback, []string{"exit status 1"}) {
		t.Errorf("shown %q, error %q", show, f)
	}
	if show := s.add("panic: "+strings.Repeat("x", 2*holdBytes), now); len(show) < 2*holdBytes {
		t.Errorf("%d bytes of a huge crash are shown", len(show))
	}
}

// TestLongCrash: a crash that takes too long, or is too long, to be held back is the error all the same.
func TestLongCrash(t *testing.T) {
	ended := fault{"ERROR", "exit status 2", []string{"exit status 2"}}
	want := fault{"fatal error", "stack overflow", []string{"fatal error: stack overflow"}}
	now := time.Time{}
	for name, crashed := range map[string]func(s *stderr) (shown string){
		"for a long time": func(s *stderr) string {
			return s.add("fatal error: stack overflow\n\nruntime stack:\n", now) + s.due(now.Add(holdTime))
		},
		"much": func(s *stderr) string {
			return s.add("fatal error: stack overflow\n"+strings.Repeat("x", holdBytes)+"\n", now)
		},
	} {
		var s stderr
		shown := crashed(&s) + s.add("main.f()\n\tmain.go:12\n", now) + s.add("exit status 2\n", now)
		rest, got := s.explain(ended, false)
		if shown += rest; !reflect.DeepEqual(got, want) || !strings.HasSuffix(shown, "\nmain.f()\n\tmain.go:12\n") {
			t.Errorf("%s: error %q, shown up to %q", name, got, shown[max(0, len(shown)-40):])
		}
	}
	var s stderr // the cell goes on after a command that has crashed
	s.add("fatal error: stack overflow\n", now)
	s.due(now.Add(holdTime))
	s.add("exit status 2\n", now)
	s.add("no corpus\n", now)
	s.add("exit status 2\n", now)
	if _, got := s.explain(ended, false); got.Value != "no corpus" {
		t.Errorf("after a crash that the cell survived: %q", got)
	}
}
