// SPDX-License-Identifier: Apache-2.0

package workspace

import "vsim/vsimlib/corpus"

// OpenPairs opens the workspace and reads the labelled pairs of a part of its corpus.
func OpenPairs(part string) (Workspace, []corpus.Pair, error) {
	w, err := Open()
	if err != nil {
		return w, nil, err
	}
	c, err := corpus.Open(w.Corpus)
	if err != nil {
		return w, nil, err
	}
	pairs, err := c.Pairs(part)
	return w, pairs, err
}
