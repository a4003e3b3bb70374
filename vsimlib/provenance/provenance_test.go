// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"encoding/json"
	"os"
	"runtime/debug"
	"strings"
	"testing"
)

func process(backend, arithmetic string) Process {
	return Process{Machine: Machine{Backend: backend, CPU: "a", InstructionSet: "avx", Device: "d"}, Arithmetic: arithmetic}
}

// TestDiffers: another backend or arithmetic is another computation, another revision is not.
func TestDiffers(t *testing.T) {
	was := process("cpu", "1")
	newer := was
	newer.Revision, newer.Go, newer.Start, newer.CPU = "2", "go2", "later", "b"
	for _, c := range []struct {
		now  Process
		want string
	}{
		{was, ""}, {newer, ""}, {process("", "1"), ""},
		{process("cuda", "1"), "the backend cpu, not cuda"},
		{process("cpu", "2"), "the arithmetic 1, not 2"},
		{process("", "2"), "the arithmetic 1, not 2"},
	} {
		if got, ok := was.Differs(c.now); ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("%+v: %q, want %q", c.now, got, c.want)
		}
	}
}

// TestUnlike: what may change the last bits counts, the processor only where it computes.
func TestUnlike(t *testing.T) {
	for _, c := range []struct {
		backend string
		change  func(p *Process)
		want    string
	}{
		{"cpu", func(p *Process) { p.Revision, p.Seconds, p.Device = "x", 3, "d, 8 CPUs" }, ""},
		{"cpu", func(p *Process) { p.Plugin = "f00" }, "plugin"},
		{"cpu", func(p *Process) { p.CPU = "b" }, "processor"},
		{"go", func(p *Process) { p.InstructionSet = "avx avx512f" }, "instruction set"},
		{"cuda", func(p *Process) { p.CPU, p.InstructionSet = "b", "sse" }, ""},
		{"cuda", func(p *Process) { p.Device = "e" }, "device"},
		{"cuda", func(p *Process) { p.Backend = "cuda, TF32 off" }, "backend"},
	} {
		other := process(c.backend, "1")
		c.change(&other)
		if got, ok := process(c.backend, "1").Unlike(other); ok != (c.want != "") || got.Name != c.want {
			t.Errorf("%s, %+v: %q, want %q", c.backend, other, got, c.want)
		}
	}
}

// TestList: processes in a row on the same machine are one entry; mixtures are named.
func TestList(t *testing.T) {
	a, b := process("cpu", "1"), process("go", "2")
	a.Seconds, a.Start, b.Seconds = 2, "first", 5
	again := a
	again.Start, again.Seconds = "second", 3
	l := List{}.Add(a).Add(again)
	if len(l) != 1 || l[0].Seconds != 5 || l[0].Start != "first" || l.Mixed() != "" || a.Seconds != 2 {
		t.Errorf("%+v, %q", l, l.Mixed())
	}
	if l = l.Add(b).Add(a); len(l) != 3 || l.Mixed() != "backends cpu, go and arithmetics 1, 2" {
		t.Errorf("%+v, %q", l, l.Mixed())
	}
	if got := (List{{}, a}).Mixed(); got != "backends cpu, unknown and arithmetics 1, unknown" {
		t.Errorf("%q", got)
	}
}

// TestHost names the processor, and neither host nor user nor path.
func TestHost(t *testing.T) {
	m := Host()
	if m.CPU == "" || m.Go == "" {
		t.Errorf("%+v", m)
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	home, _ := os.UserHomeDir()
	for _, secret := range []string{host, home} {
		if len(secret) > 3 && strings.Contains(string(data), secret) {
			t.Errorf("%s has %s", data, secret)
		}
	}
	revision, time, modified := Revision(&debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "r"},
		{Key: "vcs.time", Value: "t"}, {Key: "vcs.modified", Value: "true"}}})
	if revision != "r" || time != "t" || !modified {
		t.Errorf("%s %s %t", revision, time, modified)
	}
}
