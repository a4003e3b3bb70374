// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"fmt"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/filetype"
)

// readSet reads an embeddings file for a verb that takes it for a whole one, and warns where it is a shard: what is found among a
// part of the videos looks like what is found among all.
func readSet(a *cli.App, path string) (*embeddings.Set, error) {
	set, err := embeddings.Read(path)
	if err != nil {
		return nil, err
	}
	if shard := embeddings.ShardOf(path); shard != "" {
		a.Warn(fmt.Sprintf("%s: is shard %s of an embedding and has a part of its videos; vsim embed --merge puts the shards together",
			path, shard))
	}
	return set, nil
}

// keepInputs returns an error where a verb would write its result over one of the files that it is made of, also with --force.
func keepInputs(a *cli.App, out string, inputs []string) error {
	for _, path := range inputs {
		if filetype.Same(out, path) {
			return fmt.Errorf("%s: --out %s: is %s, which the result is made of; use another path", a.Verb(), out, path)
		}
	}
	return nil
}
