// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"fmt"
	"strings"

	"vsim/vsimlib/text"
)

// Skipped is what of a corpus was passed over, as asked for.
type Skipped struct {
	Records int        `json:"records"`         // bad ones; a gap between good ones is one
	Pairs   int        `json:"pairs,omitempty"` // labelled pairs of videos without a good record
	List    []*Problem `json:"list"`            // the records; at most 100 a file
}

// Count is the number of records, also of a nil Skipped.
func (s *Skipped) Count() int {
	if s == nil {
		return 0
	}
	return s.Records
}

// String is one line with the first few records.
func (s *Skipped) String() string {
	const shown = 5
	var parts []string
	for _, p := range s.List[:min(shown, len(s.List))] {
		parts = append(parts, strings.TrimPrefix(p.Error(), "corpus: "))
	}
	if more := s.Records - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%s skipped: %s", text.Count(s.Records, "bad record"), strings.Join(parts, "; "))
}
