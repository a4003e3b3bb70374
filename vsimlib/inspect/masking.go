// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"math"

	"vsim/vsimlib/batch"
)

// Share is how often something was drawn, beside how often it should be.
type Share struct {
	What     string  `json:"what"`
	Of       int     `json:"of"`
	Drawn    int     `json:"drawn"`
	Share    float64 `json:"share"`
	Expected float64 `json:"expected"`
	Sigmas   float64 `json:"deviation_sigmas"` // (Share − Expected) in standard deviations of a binomial
}

// Masking counts what pretraining hides over many batches.
type Masking struct{ kinds [Kinds]int }

// Add counts one batch, which is not packed.
func (m *Masking) Add(b *batch.Pretrain, vocabulary Vocabulary) error {
	text, frames, err := blocks(b, vocabulary)
	if err != nil {
		return err
	}
	for _, rows := range [][][]int{text, frames} {
		for _, row := range rows {
			for _, kind := range row {
				m.kinds[kind]++
			}
		}
	}
	return nil
}

// Shares compares the counts with what was asked for: words chosen with probability mlm, frames zeroed with probability mfm.
func (m *Masking) Shares(mlm, mfm float64) []Share {
	k := m.kinds
	chosen := k[WordMasked] + k[WordReplaced] + k[WordKept]
	return []Share{
		shareOf("words chosen", chosen, chosen+k[Word], mlm),
		shareOf("chosen words: [MASK]", k[WordMasked], chosen, 0.8),
		shareOf("chosen words: replaced", k[WordReplaced], chosen, 0.1),
		shareOf("chosen words: kept", k[WordKept], chosen, 0.1),
		shareOf("frames zeroed", k[FrameZeroed], k[Frame]+k[FrameZeroed], mfm),
	}
}

func shareOf(what string, drawn, of int, p float64) Share {
	s := Share{What: what, Of: of, Drawn: drawn, Expected: p}
	if of > 0 {
		s.Share = float64(drawn) / float64(of)
		if sigma := math.Sqrt(p * (1 - p) / float64(of)); sigma > 0 {
			s.Sigmas = (s.Share - p) / sigma
		}
	}
	return s
}
