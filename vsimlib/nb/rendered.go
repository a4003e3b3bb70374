// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"os"
	"time"

	"vsim/vsimlib/provenance"
	"vsim/vsimlib/workspace/rendered"
)

// Rendered is by what this notebook was executed, for its last cell: the commit of the checkout, the date, the processor, and the
// seconds since its kernel started.
func Rendered() (rendered.Notebook, error) {
	return rendered.Now(provenance.Host(), os.Getenv(rendered.Start), time.Now()), nil
}
