// SPDX-License-Identifier: Apache-2.0

package results

// EnsembleTable is what all subsets of a study's members score.
type EnsembleTable struct {
	Dims    []int          `json:"dims"`    // of the joined embeddings
	Joined  []Cell         `json:"joined"`  // all members together, in several ways
	Sizes   []EnsembleSize `json:"sizes"`   // means over the subsets of one size
	Subsets []Subset       `json:"subsets"` // each
}

// Means are the mean scores of the sizes that have one.
func (e *EnsembleTable) Means() (sizes []int, scores []float64) {
	for _, s := range e.Sizes {
		if s.Spearman != nil {
			sizes, scores = append(sizes, s.Size), append(scores, s.Spearman.Mean)
		}
	}
	return sizes, scores
}

// PublishedMeans are the published scores of the sizes that have one.
func (e *EnsembleTable) PublishedMeans() (sizes []int, scores []float64) {
	for _, s := range e.Sizes {
		if s.Published != nil {
			sizes, scores = append(sizes, s.Size), append(scores, s.Published.Spearman)
		}
	}
	return sizes, scores
}

// EnsembleSize is the mean, over all subsets of Size members and over seeds, of the concatenation's score.
type EnsembleSize struct {
	Size      int        `json:"size"`
	Subsets   int        `json:"subsets"`
	Spearman  *Estimate  `json:"spearman"`
	SVD       []*float64 `json:"svd"`    // the same mean, without an interval, by dims
	Fitted    *float64   `json:"fitted"` // and under fitted weights
	Published *Published `json:"published,omitempty"`
}

// Subset is what some of the members score together, by seed; null where one of the members failed.
type Subset struct {
	Members []int             `json:"members"`
	Scores  []*EnsembleScores `json:"scores"`
}

// EnsembleScores is what one subset of the members scores under one seed, on the pairs that the study scores.
type EnsembleScores struct {
	Members []int     `json:"members"`
	Concat  float64   `json:"concat"`            // Spearman of the concatenation, weighted equally
	SVD     []float64 `json:"svd"`               // of its truncated SVD, by the study's dims; one above the width keeps the width
	Weights []float64 `json:"weights,omitempty"` // fitted on the held-out pairs; their sum is 1
	Fitted  *float64  `json:"fitted,omitempty"`  // Spearman of the concatenation under them
}
