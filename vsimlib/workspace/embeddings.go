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
	if err := m.embedded(part); err != nil {
		return nil, err
	}
	set, err := embeddings.Read(m.Embeddings(part))
	if err != nil {
		return nil, fmt.Errorf("%w; run the cell that embeds again", err)
	}
	return set, nil
}

// embedded is an error that says how to make the model's embeddings of a part, where there are none.
func (m Model) embedded(part string) error {
	if m.HasEmbeddings(part) {
		return nil
	}
	call := fmt.Sprintf("run the cell that embeds first, or nb.Embed(%q, %q)", part, m.Name)
	if m.IsEnsemble() {
		call = "embed it with all members, then run the cell with nb.Ensemble again"
	}
	return fmt.Errorf("%s has no embeddings of %s (%s): %s", m.Name, part, m.Embeddings(part), call)
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
		const none = `%s have embedded no part in common; run the cell that embeds first, or nb.Embed(%q, "%s")`
		return nil, fmt.Errorf(none, strings.Join(names, ", "), competition.TestA, strings.Join(names, `", "`))
	}
	return parts, nil
}
