// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"fmt"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/pca"
	"vsim/vsimlib/results"
)

// Map is the videos of a part by the first two principal components of their embeddings, and the shares of the variance along both.
func (s *Source) Map(set *embeddings.Set, part string) (points []results.MapPoint, shares [2]float64, err error) {
	videos, err := s.Corpus.Part(part)
	if err != nil {
		return nil, shares, err
	}
	m, err := pca.Of(set, 2)
	if err != nil {
		return nil, shares, err
	}
	for i, id := range set.IDs {
		v, err := byID(videos, id)
		if err != nil {
			return nil, shares, fmt.Errorf("%w; run the cell that embeds again", err)
		}
		points = append(points, results.MapPoint{ID: id, Title: v.Title, English: s.Names[id], X: m.Points[i][0], Y: m.Points[i][1]})
	}
	return points, [2]float64(m.Shares), nil
}
