// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"strings"

	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
)

// Part is one part of the model and how many numbers it learns.
type Part struct {
	Part       string  `json:"part"`
	Weights    int     `json:"weights"` // arrays
	Parameters int     `json:"parameters"`
	Share      float64 `json:"share"`
}

// parts are the beginnings of the weights' names, by part.
var parts = []struct {
	name     string
	prefixes []string
}{
	{"title: words, positions, type", []string{"bert.embeddings."}},
	{"frames: video_fc, positions, type", []string{"video_fc.", "video_embeddings."}},
	{"encoder", []string{"bert.encoder."}},
	{"pooling and embedding (E7)", []string{"attention_pool.", "embedding_fc."}},
	{"tag head (E1)", []string{"tag_fc."}},
	{"masked-word head (E2)", []string{"cls."}},
	{"masked-frame head (E3)", []string{"mfm."}},
}

// Parameters counts a model's weights by part, and all of them in the last row.
func Parameters(c recipe.Model) []Part {
	list := make([]Part, len(parts), len(parts)+1)
	all := Part{Part: "all", Share: 1}
	for i, p := range parts {
		list[i].Part = p.name
	}
	for name, shape := range multimodal.Shapes(c) {
		size := 1
		for _, d := range shape {
			size *= d
		}
		at := partOf(name)
		list[at].Weights, list[at].Parameters = list[at].Weights+1, list[at].Parameters+size
		all.Weights, all.Parameters = all.Weights+1, all.Parameters+size
	}
	for i := range list {
		list[i].Share = float64(list[i].Parameters) / float64(all.Parameters)
	}
	return append(list, all)
}

// partOf is the index of a weight's part.
func partOf(name string) int {
	for i, p := range parts {
		for _, prefix := range p.prefixes {
			if strings.HasPrefix(name, prefix) {
				return i
			}
		}
	}
	panic("inspect: the weight " + name + " belongs to no part") // a test looks at all of them
}
