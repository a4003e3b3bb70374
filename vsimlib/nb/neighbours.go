// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
)

// neighbour is a video near another one.
type neighbour struct {
	id     int64
	title  string
	cosine float64
	label  float64 // of the pair; NaN where nobody labelled it
}

// near is a video and its nearest neighbours, nearest first.
type near struct {
	id    int64
	title string
	list  []neighbour
}

// nearest finds, for every video of those titles, the n others of the part with the highest cosine; of equal ones the
// smaller id comes first.
func nearest(c *corpus.Corpus, set *embeddings.Set, part string, n int, titles []string) ([]near, error) {
	videos, err := c.Part(part)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	for i := range videos.Len() {
		v, err := videos.Video(i)
		if err != nil {
			return nil, err
		}
		names[v.ID] = v.Title
	}
	rows, err := set.Index()
	if err != nil {
		return nil, err
	}
	labels, err := labelsOf(c, part)
	if err != nil {
		return nil, err
	}
	var all []near
	for _, title := range titles {
		v, err := byTitle(videos, title)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part, err)
		}
		row, ok := rows[v.ID]
		if !ok {
			return nil, fmt.Errorf("%s: the embeddings lack id %d; run the cell that embeds again", part, v.ID)
		}
		q := near{id: v.ID, title: v.Title}
		for i, id := range set.IDs {
			if id == v.ID {
				continue
			}
			label, ok := labels[ordered(id, v.ID)]
			if !ok {
				label = math.NaN()
			}
			q.list = append(q.list, neighbour{id, names[id], cosine(set.Row(row), set.Row(i)), label})
		}
		slices.SortFunc(q.list, func(a, b neighbour) int {
			return cmp.Or(cmp.Compare(b.cosine, a.cosine), cmp.Compare(a.id, b.id))
		})
		q.list = q.list[:min(n, len(q.list))]
		all = append(all, q)
	}
	return all, nil
}

// labelsOf is the labels of a part by pair, none where the part has no label file.
func labelsOf(c *corpus.Corpus, part string) (map[[2]int64]float64, error) {
	labels := map[[2]int64]float64{}
	if !exists(Labels(part)) {
		return labels, nil
	}
	pairs, err := c.Pairs(part)
	for _, pair := range pairs {
		labels[ordered(pair.A, pair.B)] = pair.Score
	}
	return labels, err
}

func ordered(a, b int64) [2]int64 { return [2]int64{min(a, b), max(a, b)} }

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}
