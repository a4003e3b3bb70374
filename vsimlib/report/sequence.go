// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strconv"

	"vsim/vsimlib/results"
)

// Sequence is a table of the positions of a record. Where positions in a row are padding of one kind, they share a row, whose first
// column is "14 to 27" and whose second ends with their number.
func Sequence(list []results.Position) Table {
	t := Table{Header: []string{"position", "holds", "input_id", "position_id", "attention_mask"}}
	for i := 0; i < len(list); {
		first, end := list[i], i+1
		for first.Mask == 0 && end < len(list) && list[end].Mask == 0 && list[end].Holds == first.Holds {
			end++
		}
		index, holds, id := strconv.Itoa(first.Index), first.Holds, strconv.Itoa(first.PositionID)
		if last := list[end-1]; end > i+1 {
			index, id = fmt.Sprintf("%d to %d", first.Index, last.Index), fmt.Sprintf("%d to %d", first.PositionID, last.PositionID)
			holds = fmt.Sprintf("%s, %d times", first.Holds, end-i)
		}
		t.Rows = append(t.Rows, []Cell{Words(index), Words(holds), Words(first.Token), Words(id), Number(strconv.Itoa(first.Mask))})
		i = end
	}
	return t
}
