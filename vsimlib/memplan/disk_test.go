// SPDX-License-Identifier: Apache-2.0

package memplan

import (
	"strings"
	"testing"

	"vsim/vsimlib/recipe"
)

// TestCheckDisk: one checkpoint and the model must fit; three checkpoints at a time, and what finetuning keeps of its best states,
// had better.
func TestCheckDisk(t *testing.T) {
	p := having(t, 0, "")
	d := p.disk()
	count, _ := weightsOf(p.Recipe.Model, func(string) bool { return true })
	if weights := 4 * count; d.model != weights || d.best != 0 ||
		d.checkpoint <= 2*weights || d.checkpoint > 3*weights {
		t.Errorf("%+v for %d bytes of weights", d, weights)
	}
	fine := p
	fine.Stage = Finetune
	fine.Recipe = p.Recipe.Clone()
	fine.Recipe.Finetune.Select = recipe.SelectBest
	f := fine.disk()
	for _, c := range []struct {
		name       string
		plan       Plan
		held, free int64
		warn, fail bool
	}{
		{"ample", p, 0, 3 * d.checkpoint, false, false},
		{"unknown", p, 0, 0, false, false},
		{"two and no third", p, 0, 3*d.checkpoint - 1, true, false},
		{"one", p, 0, d.checkpoint + d.model, true, false},
		{"not one", p, 0, d.checkpoint + d.model - 1, false, true},
		{"goes on with two", p, 2 * d.checkpoint, d.checkpoint, false, false},
		{"goes on with one", p, d.checkpoint, d.checkpoint, true, false},
		{"cannot go on", p, 2 * d.checkpoint, d.checkpoint - 1, false, true},
		{"best states too", fine, 0, 3*f.checkpoint + 3*f.model, false, false},
		{"no best states", fine, 0, 3*f.checkpoint + 3*f.model - 1, true, false},
	} {
		warning, err := c.plan.CheckDisk("/runs/x", c.held, 2, func(string) int64 { return c.free })
		if (warning != "") != c.warn || (err != nil) != c.fail {
			t.Errorf("%s: warning %q, error %v", c.name, warning, err)
		}
		if text := warning; c.warn && !strings.Contains(text, "/runs/x: the disk may not suffice") || err != nil &&
			!strings.Contains(err.Error(), "/runs/x: the disk is too full") {
			t.Errorf("%s: warning %q, error %v", c.name, warning, err)
		}
	}
}
