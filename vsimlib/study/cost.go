// SPDX-License-Identifier: Apache-2.0

package study

import "vsim/vsimlib/recipe"

// perVideo is about how many floating-point operations a model takes to compute one video: the encoder's products, which are most
// of them where vocabulary and frames are small.
func perVideo(m recipe.Model) float64 {
	positions, hidden, inner := float64(m.MaxFrames+m.TextLength()), float64(m.HiddenSize), float64(m.IntermediateSize)
	layer := 2*positions*(4*hidden*hidden+2*hidden*inner) + 4*positions*positions*hidden
	return float64(m.NumHiddenLayers) * layer
}

// relative is how many times as long a model takes as the base's.
func (s *Study) relative(m recipe.Model) float64 {
	if base := perVideo(s.Base.Model); base > 0 {
		return perVideo(m) / base
	}
	return 1
}
