// SPDX-License-Identifier: Apache-2.0

package submit

import (
	"bytes"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/outdir"
)

// Kind recognises submissions: ZIP archives that begin with result.json. Its name is behind the 30 bytes of the first local header.
var Kind = outdir.FileKind{Name: "submission", Made: func(head []byte) bool {
	const size = 30
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) && len(head) > size && head[26] == byte(len(competition.ResultFile)) &&
		head[27] == 0 && bytes.HasPrefix(head[size:], []byte(competition.ResultFile))
}}
