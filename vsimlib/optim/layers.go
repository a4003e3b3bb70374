// SPDX-License-Identifier: Apache-2.0

package optim

import (
	"math"
	"strconv"
	"strings"
)

// Depth is the position of a weight between input and output, of an encoder of this many layers: 0 of the embeddings of tokens and
// frames, 1 to layers of the encoder's layers, layers+1 of all heads.
func Depth(name string, layers int) int {
	if rest, ok := strings.CutPrefix(name, "bert.encoder.layer."); ok {
		number, _, _ := strings.Cut(rest, ".")
		n, _ := strconv.Atoi(number)
		return n + 1
	}
	if strings.HasPrefix(name, "bert.") || strings.HasPrefix(name, "video_") {
		return 0
	}
	return layers + 1
}

// DecayedRate is the share of its group's learning rate that a weight has at a depth:
//
//	lr_d = lr · decay^(layers + 1 − d)
//
// So the uppermost layer has decay, the embeddings have decay^(layers+1), and heads the whole rate.
//
// Source: BEiT's LayerDecayValueAssigner (Bao et al., arXiv 2106.08254). Before it ELECTRA (Clark et al., arXiv 2003.10555), whose
// code decays all layers once more.
func DecayedRate(decay float64, layers, depth int) float64 {
	return math.Pow(decay, float64(layers+1-depth))
}
