// SPDX-License-Identifier: Apache-2.0

// Package rendered says by what, when and in which time a notebook was executed, for its last cell.
package rendered

import (
	"cmp"
	"runtime"
	"strconv"
	"time"

	"vsim/vsimlib/provenance"
	"vsim/vsimlib/text"
)

// Start is the variable with the time when the notebook's kernel started, in seconds since 1970; vsim kernel sets it for cells.
const Start = "VSIM_KERNEL_START"

// Notebook is by what, when and in which time a notebook was executed.
type Notebook struct {
	Commit    string `json:"commit"` // "unknown" where Git does not say
	Date      string `json:"date"`   // UTC
	Processor string `json:"processor"`
	Seconds   string `json:"seconds,omitempty"` // since its kernel started; "" where that is not known
}

// Now is a notebook that is executed by this machine and ends now. start is the value of the variable Start, "" outside notebooks.
func Now(by provenance.Machine, start string, now time.Time) Notebook {
	n := Notebook{Commit: cmp.Or(by.Build(), provenance.Unknown), Date: now.UTC().Format(time.DateOnly)}
	n.Processor = by.CPU + ", " + text.Count(runtime.NumCPU(), "core")
	if began, err := strconv.ParseInt(start, 10, 64); err == nil && began <= now.Unix() {
		n.Seconds = text.Thousands(now.Unix() - began)
	}
	return n
}
