// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"

	"vsim/vsimlib/recipe"
)

// Shapes returns every weight of the model by its name and shape. Names are those of the reference: `bert.*` and
// `cls.predictions.*` are Hugging Face's BertForMaskedLM, the rest is what the competition's winners added.
func Shapes(c recipe.Model) map[string][]int {
	h, shapes := c.HiddenSize, map[string][]int{}
	linear := func(name string, out, in int) {
		shapes[name+".weight"], shapes[name+".bias"] = []int{out, in}, []int{out}
	}
	norm := func(name string) { shapes[name+".weight"], shapes[name+".bias"] = []int{h}, []int{h} }
	embeddings := func(name string) {
		shapes[name+".position_embeddings.weight"] = []int{c.MaxPositionEmbeddings, h}
		shapes[name+".token_type_embeddings.weight"] = []int{c.TypeVocabSize, h}
		norm(name + ".LayerNorm")
	}
	head := func(name string, out int) {
		linear(name+".transform.dense", h, h)
		norm(name + ".transform.LayerNorm")
		linear(name+".decoder", out, h)
	}

	shapes["bert.embeddings.word_embeddings.weight"] = []int{c.VocabSize, h}
	embeddings("bert.embeddings")
	for i := range c.NumHiddenLayers {
		layer := fmt.Sprintf("bert.encoder.layer.%d.", i)
		for _, which := range []string{"query", "key", "value"} {
			linear(layer+"attention.self."+which, h, h)
		}
		linear(layer+"attention.output.dense", h, h)
		norm(layer + "attention.output.LayerNorm")
		linear(layer+"intermediate.dense", c.IntermediateSize, h)
		linear(layer+"output.dense", h, c.IntermediateSize)
		norm(layer + "output.LayerNorm")
	}
	linear("video_fc", h, c.FrameDim)
	embeddings("video_embeddings")
	head("cls.predictions", c.VocabSize)
	head("mfm", c.FrameDim)
	linear("tag_fc", c.NumTags, c.TagWidth())
	linear("embedding_fc", c.EmbeddingDim, h)
	if c.AttentionPooling() {
		linear("attention_pool.dense", h, h)
		linear("attention_pool.score", 1, h)
	}
	return shapes
}

// Names returns the names of Shapes in order.
func Names(c recipe.Model) []string {
	var names []string
	for name := range Shapes(c) {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Initial draws the start value of one weight. Its stream depends on the seed and the weight's name alone, so a model with one
// part more has the same values elsewhere.
//
// BERT's own parts and the frames' follow BERT: N(0, initializer_range), biases 0, LayerNorm 1. The heads that the competition
// added (tags, embedding, attention pooling, masked frames) follow the released code, which leaves them at PyTorch's default
// of a linear layer: U(-1/√in, 1/√in), biases too.
func Initial(c recipe.Model, name string, shape []int, seed int64) []float32 {
	size := 1
	for _, d := range shape {
		size *= d
	}
	values := make([]float32, size)
	r := rand.New(rand.NewPCG(uint64(seed), nameHash(name)))
	switch {
	case strings.Contains(name, "LayerNorm"):
		if strings.HasSuffix(name, ".weight") {
			fill(values, func() float64 { return 1 })
		}
	case defaultLinear(name):
		bound := 1 / math.Sqrt(float64(fanIn(c, name)))
		fill(values, func() float64 { return (2*r.Float64() - 1) * bound })
	case strings.HasSuffix(name, ".weight"):
		fill(values, func() float64 { return r.NormFloat64() * c.InitializerRange })
	}
	return values
}

func fill(values []float32, draw func() float64) {
	for i := range values {
		values[i] = float32(draw())
	}
}

func defaultLinear(name string) bool {
	return hasPrefix(name, "tag_fc.", "embedding_fc.", "attention_pool.", "mfm.")
}

// hasPrefix reports whether a name begins with one of the prefixes.
func hasPrefix(name string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

func fanIn(c recipe.Model, name string) int {
	if strings.HasPrefix(name, "tag_fc.") {
		return c.TagWidth()
	}
	return c.HiddenSize
}

// nameHash is the 64-bit FNV-1a hash of a weight's name; the initial values that belong to a seed depend on it.
func nameHash(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return h.Sum64()
}
