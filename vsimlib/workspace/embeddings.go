// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/embeddings"
)

// Embeddings reads a model's embeddings of a part of the corpus.
func (w Workspace) Embeddings(model, part string) (*embeddings.Set, error) {
	m, err := w.Model(model)
	if err != nil {
		return nil, err
	}
	return m.ReadEmbeddings(part)
}

// ReadEmbeddings reads the model's embeddings of a part of the corpus.
func (m Model) ReadEmbeddings(part string) (*embeddings.Set, error) {
	set, err := embeddings.Read(m.Embeddings(part))
	if err != nil {
		return nil, fmt.Errorf("%w; run the cell that embeds first", err)
	}
	return set, nil
}

// WriteEmbeddings writes the model's embeddings of a part of the corpus.
func (m Model) WriteEmbeddings(part string, set *embeddings.Set) error {
	if err := os.MkdirAll(m.Dir, 0o777); err != nil {
		return err
	}
	return set.Write(m.Embeddings(part))
}

// EmbeddedParts lists the parts of the corpus that all models of those names have embedded. None is an error.
func (w Workspace) EmbeddedParts(names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, errors.New("no models are named")
	}
	parts := competition.Parts()
	for _, name := range names {
		m, err := w.Model(name)
		if err != nil {
			return nil, err
		}
		parts = slices.DeleteFunc(parts, func(part string) bool { return !m.HasEmbeddings(part) })
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s have embedded no part in common; run the cell that embeds first", strings.Join(names, ", "))
	}
	return parts, nil
}
