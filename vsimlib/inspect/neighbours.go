// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/neighbours"
	"vsim/vsimlib/results"
)

// Neighbours finds, for the first video of each title in a part of the corpus, its n nearest neighbours there, with their titles
// and the labels of the pairs.
func (s *Source) Neighbours(set *embeddings.Set, part string, n int, titles []string) ([]results.Query, error) {
	labels, err := s.labels(part)
	if err != nil {
		return nil, err
	}
	index, err := neighbours.New(set)
	if err != nil {
		return nil, err
	}
	var list []results.Query
	for _, title := range titles {
		videos, v, err := s.find(part, title)
		if err != nil {
			return nil, err
		}
		q := results.Query{ID: v.ID, Title: v.Title, English: s.Names[v.ID]}
		for found, err := range index.Nearest(context.Background(), n, v.ID) {
			if err != nil {
				return nil, fmt.Errorf("%s: %w; run the cell that embeds again", part, err)
			}
			for _, near := range found.Nearest {
				other, err := byID(videos, near.ID)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", part, err)
				}
				q.Neighbours = append(q.Neighbours, results.Neighbour{ID: near.ID, Title: other.Title, English: s.Names[near.ID],
					Cosine: near.Cosine, Label: labels[ordered(near.ID, v.ID)]})
			}
		}
		list = append(list, q)
	}
	return list, nil
}

// labels are the labels of a part by pair; a part without a label file has none.
func (s *Source) labels(part string) (map[[2]int64]*float64, error) {
	pairs, err := s.Corpus.Pairs(part)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	labels := map[[2]int64]*float64{}
	for _, pair := range pairs {
		labels[ordered(pair.A, pair.B)] = &pair.Score
	}
	return labels, nil
}

func ordered(a, b int64) [2]int64 { return [2]int64{min(a, b), max(a, b)} }

// byID is a video of a set. An id that the set lacks is an error.
func byID(set *corpus.Set, id int64) (corpus.Video, error) {
	at, ok := set.Find(id)
	if !ok {
		return corpus.Video{}, fmt.Errorf("no video has the id %d", id)
	}
	return set.Video(at)
}
