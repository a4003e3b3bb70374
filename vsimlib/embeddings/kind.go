// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"bytes"

	"vsim/vsimlib/outdir"
)

// Kind recognises embeddings files by the JSON of their header, which begins at byte 8 and names both tensors.
var Kind = outdir.FileKind{Name: "embeddings file", Made: func(head []byte) bool {
	return len(head) > 8 && head[8] == '{' && bytes.Contains(head, []byte(`"`+idsName+`":{`)) &&
		bytes.Contains(head, []byte(`"`+rowsName+`":{`))
}}
