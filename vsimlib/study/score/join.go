// SPDX-License-Identifier: Apache-2.0

package score

import (
	"fmt"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/ensemble"
	"vsim/vsimlib/study/task"
)

// Join writes the embeddings of a task of kind Join.
func Join(t *task.Task) error {
	var sets []*embeddings.Set
	for _, member := range t.Join.Members {
		set, err := embeddings.Read(member.EmbeddingsFile())
		if err != nil {
			return err
		}
		sets = append(sets, set)
	}
	joined, _, err := ensemble.Combine(sets, nil, t.Join.Dim)
	if err != nil {
		return fmt.Errorf("study: %w", err)
	}
	return joined.WriteFrom(t.EmbeddingsFile(), embeddings.EnsembleOrigin(sets, nil, t.Join.Dim), nil)
}
