// SPDX-License-Identifier: Apache-2.0

package results

// Query is a video and its nearest neighbours, the nearest first.
type Query struct {
	ID         int64
	Title      string
	English    string // "" where the corpus has no name
	Neighbours []Neighbour
}

// Neighbour is a video near another one.
type Neighbour struct {
	ID      int64
	Title   string
	English string // "" where the corpus has no name
	Cosine  float64
	Label   *float64 // of the pair; nil if it has none
}
