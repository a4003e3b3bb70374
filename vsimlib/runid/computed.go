// SPDX-License-Identifier: Apache-2.0

package runid

import (
	"fmt"
	"math"
	"time"

	"vsim/vsimlib/provenance"
)

// By returns the start of a run that p computes, from now on. Where mix is set, the run may be one that another backend or
// arithmetic began.
func (s Start) By(p provenance.Process, mix bool) Start {
	s.Provenance, s.mix, s.began, s.before = provenance.List{p}, mix, time.Now(), 0
	return s
}

// Continues returns the start of a run that goes on from a checkpoint, whose start is was (nil: an older version wrote none).
func (s Start) Continues(was *Start) Start {
	var list provenance.List
	if was != nil {
		list = was.Provenance
	}
	if len(list) == 0 {
		list = provenance.List{{}} // not known
	}
	s.Provenance = list.Add(s.Provenance[len(s.Provenance)-1])
	s.before = s.Provenance[len(s.Provenance)-1].Seconds
	return s
}

// Spent returns the start with the seconds that this process has taken so far.
func (s Start) Spent() Start {
	if n := len(s.Provenance); n > 0 {
		s.Provenance = append(provenance.List(nil), s.Provenance...)
		s.Provenance[n-1].Seconds = math.Round((s.before+time.Since(s.began).Seconds())*1000) / 1000
	}
	return s
}

// Conflict returns an error if a run that goes on from what was computed before would mix backends or arithmetics, and that was not
// asked for. where is the file that says what was computed before.
func (s Start) Conflict(where string, was provenance.List) error {
	const out = "use another directory, train again with --force, or go on all the same with --mix-backends"
	switch {
	case s.mix || len(s.Provenance) == 0:
		return nil
	case len(was) == 0:
		return fmt.Errorf("%s: %s: was made by an older vsim, which did not write by what it computed; %s", s.Stage, where, out)
	}
	if d, ok := was.Differs(s.Provenance[len(s.Provenance)-1]); ok {
		return fmt.Errorf("%s: %s: was computed with %v; %s", s.Stage, where, d, out)
	}
	return nil
}
