// SPDX-License-Identifier: Apache-2.0

package compilecache

import (
	"crypto/sha256"

	"vsim/vsimlib/lowering"
)

// key is a hash of the program's text without the name, which GoMLX numbers; ok is false where the program must not be shared.
func (b *cachingBuilder) key() (key programKey, ok bool) {
	if b.placed {
		return key, false
	}
	text, err := lowering.Text(b.Builder)
	if err != nil || text == nil {
		return key, false
	}
	return sha256.Sum256(text), true
}
