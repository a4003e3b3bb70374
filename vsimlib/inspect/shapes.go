// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"vsim/vsimlib/bert"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
)

// Shape is one value between the input of the model and its outputs.
type Shape struct {
	Value   string `json:"value"`
	Letters string `json:"shape"`
	Sizes   string `json:"sizes"`
	Where   string `json:"function"` // that computes it
}

// steps are the values that Shapes lists: by the layer that makes them, in the order in which they are computed. LAST is the last
// encoder layer.
var steps = []struct{ layer, value, letters, where string }{
	{"bert.embeddings.LayerNorm", "title: words + positions + type, LayerNorm", "B × T × H", "bert.Net.TextEmbeddings"},
	{"video_fc", "frames, projected to the hidden size", "B × F × H", "multimodal.Model.Encode"},
	{"video_embeddings.LayerNorm", "frames + positions + type, LayerNorm", "B × F × H", "bert.Net.InputEmbeddings"},
	{"bert.encoder.layer.0.attention.self.probs", "attention of the first layer, softmax", "B × A × S × S", "bert.Net.attention"},
	{"bert.encoder.layer.0.attention.output.LayerNorm", "its output, added to its input, LayerNorm", "B × S × H", "bert.Net.output"},
	{"bert.encoder.layer.0.intermediate.dense", "feed-forward, inside", "B × S × intermediate_size", "bert.Net.output"},
	{"bert.encoder.layer.0.output.LayerNorm", "the first layer's output", "B × S × H", "bert.Net.output"},
	{"LAST.output.LayerNorm", "the last layer's output", "B × S × H", "bert.Net.Encoder"},
	{"embedding_fc", "pooled and projected: the embedding (E7)", "B × D", "multimodal.Model.RawEmbedding"},
	{"tag_fc", "tag logits (E1)", "B × G", "multimodal.Model.TagLogits"},
	{"cls.predictions.decoder", "word logits at the chosen words (E2)", "M × V", "multimodal.Model.TokenLogits"},
	{"mfm.decoder", "predicted frames at the zeroed frames (E3)", "P × frame_dim", "multimodal.Model.FramePredictions"},
}

// unpacked is the model that gives every video a row of its own: the same numbers, easier to look at.
func unpacked(c recipe.Model) recipe.Model {
	c.KeepPadding = true
	return c
}

// Shapes builds the model's graph for b videos of which it must predict words and frames, and lists the values between input and
// output. Nothing is computed.
func Shapes(backend compute.Backend, c recipe.Model, b, words, frames int) ([]Shape, error) {
	c = unpacked(c)
	store, err := multimodal.NewStore(c, 1)
	if err != nil {
		return nil, err
	}
	sizes := map[string][]int{}
	err = exceptions.TryCatch[error](func() {
		g := NewGraph(backend, "shapes")
		defer g.Finalize()
		net := bert.New(store, g, c, nil)
		net.Watch = func(name string, x *Node) { sizes[name] = x.Shape().Dimensions }
		m := multimodal.Model{Net: net}
		input := func(name string, dims ...int) *Node { return Parameter(g, name, shapes.Make(dtypes.Int32, dims...)) }
		in := multimodal.Inputs{
			TextIDs: input("ids", b, c.TextLength()), TextMask: input("mask", b, c.TextLength()),
			FrameMask: input("frame_mask", b, c.MaxFrames),
			Frames:    Parameter(g, "frames", shapes.Make(dtypes.Float16, b, c.MaxFrames, c.FrameDim)),
		}
		s := m.Encode(in)
		tag := m.RawEmbedding(s)
		if c.TagInput != recipe.TagEmbedding {
			tag = s.At(m.CLSIndices(in))
		}
		m.TagLogits(tag)
		m.TokenLogits(s.At(m.TokenIndices(in, input("words", words))))
		m.FramePredictions(s.At(m.FrameIndices(in, input("zeroed", frames))))
	})
	if err != nil {
		return nil, fmt.Errorf("inspect: %w", err)
	}
	last := fmt.Sprintf("bert.encoder.layer.%d", c.NumHiddenLayers-1)
	var list []Shape
	for _, s := range steps {
		dims, ok := sizes[strings.Replace(s.layer, "LAST", last, 1)]
		if !ok {
			return nil, fmt.Errorf("inspect: the graph has no layer %s", s.layer)
		}
		if s.layer == "LAST.output.LayerNorm" && c.NumHiddenLayers == 1 {
			continue // it is the first layer's output, which is listed
		}
		list = append(list, Shape{s.value, s.letters, joined(dims), s.where})
	}
	return list, nil
}

// joined writes sizes as 32 × 28 × 128.
func joined(dims []int) string {
	var texts []string
	for _, d := range dims {
		texts = append(texts, fmt.Sprint(d))
	}
	return strings.Join(texts, " × ")
}
