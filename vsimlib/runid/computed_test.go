// SPDX-License-Identifier: Apache-2.0

package runid

import (
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/run"
)

// by is a start of a run that a backend computes.
func by(t *testing.T, backend, arithmetic string, mix bool) Start {
	t.Helper()
	s, err := NewStart(Identity{Stage: "pretrain"}, tiny(t), "")
	if err != nil {
		t.Fatal(err)
	}
	return s.By(provenance.Now(provenance.Machine{Backend: backend}, arithmetic), mix)
}

// TestConflict: another backend or arithmetic is refused unless it is asked for, and so is what is not known.
func TestConflict(t *testing.T) {
	dir := run.Dir(t.TempDir())
	was := by(t, "go", "1", false)
	if err := Enter(dir, was, tiny(t)); err != nil {
		t.Fatal(err)
	}
	if err := jsonfile.Write(dir.Result(), struct{}{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now  Start
		want string
	}{
		{by(t, "go", "1", false), ""}, {by(t, "", "1", false), ""}, {by(t, "cpu", "2", true), ""},
		{by(t, "cpu", "1", false), "was computed with the backend go, not cpu; use another directory"},
		{by(t, "go", "2", false), "was computed with the arithmetic 1, not 2; use another directory"},
	} {
		_, err := Compare(dir, c.now, tiny(t))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.now.Provenance, err, c.want)
		}
	}
	if err := was.Conflict("x", nil); err == nil || !strings.Contains(err.Error(), "older vsim") {
		t.Errorf("%v", err)
	}
	if err := by(t, "go", "1", true).Conflict("x", nil); err != nil {
		t.Error(err)
	}
}

// TestContinues: the seconds of a process that goes on are added to those before; another machine is another entry.
func TestContinues(t *testing.T) {
	was := by(t, "go", "1", false)
	was.Provenance[0].Seconds = 100
	same := by(t, "go", "1", false).Continues(&was)
	if p := same.Spent().Provenance; len(p) != 1 || p[0].Seconds < 100 || p[0].Seconds > 160 || p[0].Start != was.Provenance[0].Start {
		t.Errorf("%+v", p)
	}
	other := by(t, "cpu", "1", true).Continues(&was)
	if p := other.Spent().Provenance; len(p) != 2 || p[0].Seconds != 100 || p[1].Backend != "cpu" || p[1].Seconds > 60 {
		t.Errorf("%+v", p)
	}
	if p := by(t, "cpu", "1", true).Continues(nil).Provenance; len(p) != 2 || p[0] != (provenance.Process{}) {
		t.Errorf("%+v", p)
	}
	if e, err := other.entry(); err != nil || e.By == nil || e.By.Backend != "go" || e.By.Seconds != 0 {
		t.Errorf("%+v", e.By)
	}
}
