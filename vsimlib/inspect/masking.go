// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"math"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/results"
	"vsim/vsimlib/tokenizer"
)

// Masking counts what pretraining hides over many batches.
type Masking struct{ kinds [results.NumKinds]int }

// Add counts one batch, which is not packed.
func (m *Masking) Add(b *batch.Pretrain, tokens *tokenizer.Tokenizer) error {
	text, frames, err := blocks(b, tokens)
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
func (m *Masking) Shares(mlm, mfm float64) []results.MaskShare {
	k := m.kinds
	chosen := k[results.WordMasked] + k[results.WordReplaced] + k[results.WordKept]
	return []results.MaskShare{
		shareOf("words chosen", chosen, chosen+k[results.Word], mlm),
		shareOf("chosen words: [MASK]", k[results.WordMasked], chosen, 0.8),
		shareOf("chosen words: replaced", k[results.WordReplaced], chosen, 0.1),
		shareOf("chosen words: kept", k[results.WordKept], chosen, 0.1),
		shareOf("frames zeroed", k[results.FrameZeroed], k[results.Frame]+k[results.FrameZeroed], mfm),
	}
}

func shareOf(what string, drawn, of int, p float64) results.MaskShare {
	s := results.MaskShare{What: what, Of: of, Drawn: drawn, Expected: p}
	if of > 0 {
		s.Share = float64(drawn) / float64(of)
		if sigma := math.Sqrt(p * (1 - p) / float64(of)); sigma > 0 {
			s.Sigmas = (s.Share - p) / sigma
		}
	}
	return s
}
