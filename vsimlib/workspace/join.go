// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"fmt"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/ensemble"
	"vsim/vsimlib/results"
)

// Join joins the embeddings of models, all with the same weight, into those of a model of that name, for every part of the corpus
// that all of them have embedded. The width is that of the scale's recipe.
func (w Workspace) Join(name string, members []string) ([]results.Joined, error) {
	m, err := w.Model(name)
	if err != nil {
		return nil, err
	}
	r, err := w.Recipe(1)
	if err != nil {
		return nil, err
	}
	parts, err := w.EmbeddedParts(members)
	if err != nil {
		return nil, fmt.Errorf("ensemble: %w", err)
	}
	var list []results.Joined
	for _, part := range parts {
		joined, err := w.joinPart(m, members, part, r.Ensemble.Dim)
		if err != nil {
			return nil, err
		}
		list = append(list, joined)
	}
	return list, m.WriteEnsemble(list)
}

// joinPart writes the joined embeddings of one part.
func (w Workspace) joinPart(m Model, members []string, part string, dim int) (results.Joined, error) {
	var sets []*embeddings.Set
	for _, member := range members {
		set, err := w.Embeddings(member, part)
		if err != nil {
			return results.Joined{}, err
		}
		sets = append(sets, set)
	}
	joined, info, err := ensemble.Combine(sets, nil, dim)
	if err != nil {
		return results.Joined{}, err
	}
	return results.Joined{Model: m.Name, Members: members, Part: part, Dim: info.Dim, Explained: info.Explained},
		m.WriteEmbeddings(part, joined)
}
