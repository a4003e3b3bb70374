// SPDX-License-Identifier: Apache-2.0

package optim

import (
	"math"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
)

// Beta1 and Beta2 are AdamW's decay rates of the moments; the competition used PyTorch's defaults.
const (
	Beta1 = 0.9
	Beta2 = 0.999
)

// Config holds the settings of AdamW (E8).
type Config struct {
	LREncoder, LRHeads float64 // peak learning rates of the two groups
	WeightDecay        float64 // decoupled; not on biases and LayerNorm weights
	Eps                float64
	TotalSteps, Warmup int // of the schedule

	LayerDecay float64 // of the encoder's rate from each layer to the one below (DecayedRate); 0: off
	Layers     int     // of the encoder
	Average    float64 // decay of the averages of the weights (AverageDecay); 0: there are none
}

// Factor is the schedule's share of the peak rate at a step that counts from 0: linear over the warm-up, then half a cosine to
// zero. The first update runs at 0, as in transformers.
func (c Config) Factor(step int) float64 {
	if step < c.Warmup {
		return float64(step) / float64(c.Warmup)
	}
	rest := max(1, c.TotalSteps-c.Warmup)
	return 0.5 * (1 + math.Cos(math.Pi*float64(step-c.Warmup)/float64(rest)))
}

// Encoder reports whether a weight is of the encoder's group: embeddings, layers, the frames' projection and the token and frame
// heads. The tag and embedding heads and the attention pooling are trained at LRHeads.
func Encoder(name string) bool {
	for _, prefix := range []string{"bert.", "video_fc", "video_embeddings", "cls.", "mfm."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Decayed reports whether weight decay is applied to a weight.
func Decayed(name string) bool {
	return !strings.HasSuffix(name, "bias") && !strings.HasSuffix(name, "LayerNorm.weight")
}

// Rates returns what an update needs, [5] float32: 1 − lr·wd and lr/(1−β₁ᵗ) of the encoder, the same of the heads, and √(1−β₂ᵗ);
// with a LayerDecay, 1 − lr·wd and lr/(1−β₁ᵗ) of the embeddings and of each layer of the encoder follow; with averages 1 − d_t
// (AverageDecay) is last. step (from 0) is the position in the schedule; t counts the optimiser's updates with this one, so it is
// step + 1 unless the schedule has been started anew. Computed here in float64, as PyTorch does.
func (c Config) Rates(step, updates int) *tensors.Tensor {
	f, t := c.Factor(step), float64(updates)
	correction := 1 - math.Pow(Beta1, t)
	values := []float32{}
	add := func(peak float64) {
		lr := peak * f
		values = append(values, float32(1-lr*c.WeightDecay), float32(lr/correction))
	}
	add(c.LREncoder)
	add(c.LRHeads)
	values = append(values, float32(math.Sqrt(1-math.Pow(Beta2, t))))
	if c.LayerDecay != 0 {
		for depth := range c.Layers + 1 {
			add(c.LREncoder * DecayedRate(c.LayerDecay, c.Layers, depth))
		}
	}
	if c.Average != 0 {
		values = append(values, float32(1-AverageDecay(c.Average, updates)))
	}
	return tensors.FromFlatDataAndDimensions(values, len(values))
}

// group is the index of a weight's two numbers in Rates: of the encoder, of the heads, or with a LayerDecay of its depth.
func (c Config) group(name string) int {
	depth := Depth(name, c.Layers)
	switch {
	case !Encoder(name):
		return 2
	case c.LayerDecay != 0 && depth <= c.Layers:
		return firstDepth + 2*depth
	}
	return 0
}

// firstDepth is the index in Rates of the numbers of depth 0.
const firstDepth = 5
