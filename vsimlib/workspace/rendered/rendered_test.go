// SPDX-License-Identifier: Apache-2.0

package rendered

import (
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/provenance"
)

func TestNow(t *testing.T) {
	by := provenance.Machine{Revision: "0123456789abcdef", CPU: "a processor"}
	now := time.Date(2026, 11, 26, 23, 30, 0, 0, time.FixedZone("", -3600)) // date -u -d @1795739400: 2026-11-27 00:30
	n := Now(by, "1795736900", now)
	if n.Commit != "vsim 0123456789ab" || n.Date != "2026-11-27" || n.Seconds != "2,500" ||
		!strings.HasPrefix(n.Processor, "a processor, ") {
		t.Errorf("%+v", n)
	}
	by.Modified = true
	if n = Now(by, "", now); n.Commit == "vsim 0123456789ab" || !strings.HasPrefix(n.Commit, "vsim 0123456789ab") || n.Seconds != "" {
		t.Errorf("of an altered checkout, outside a notebook: %+v", n)
	}
	for _, start := range []string{"x", "1895739400"} { // the second by a clock that was set back
		if n = Now(provenance.Machine{}, start, now); n.Commit != provenance.Unknown || n.Seconds != "" {
			t.Errorf("started at %s: %+v", start, n)
		}
	}
}
