// SPDX-License-Identifier: Apache-2.0

// Package diagram draws the model of a recipe as SVG: both streams, shapes in the letters of the library's notation with the
// recipe's numbers, layers, poolings, heads and losses. Text and arrows have the colour of the page around it, so that it can be
// read on light and on dark pages.
package diagram

import (
	"fmt"
	"html"
	"strconv"
	"strings"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/text"
)

// Diagram is the drawing of a recipe's model.
type Diagram struct {
	SVG     string
	Alt     string // what it shows, for readers who cannot see it
	Caption string // the letters of the shapes
}

// HTML is the drawing with its caption.
func (d Diagram) HTML() string {
	return `<figure style="margin:0;max-width:` + strconv.Itoa(width) + `px">` + d.SVG +
		`<figcaption style="font-size:0.9em">` + html.EscapeString(d.Caption) + "</figcaption></figure>"
}

// String is the drawing in words.
func (d Diagram) String() string { return d.Alt + "\n" + d.Caption + "\n" }

// model is a recipe with the sizes of its letters; 0 is one that only a corpus decides.
type model struct {
	recipe.Recipe
	sizes map[string]int
}

// Of draws the model of a recipe. Sizes that the recipe leaves to the corpus are letters alone.
func Of(r recipe.Recipe) Diagram {
	c := r.Model
	m := model{r, map[string]int{"B": r.Pretrain.Batch, "T": c.TextLength(), "F": c.MaxFrames, "S": c.Sequence(), "R": c.FrameDim,
		"H": c.HiddenSize, "A": c.NumAttentionHeads, "V": c.VocabSize, "G": c.NumTags, "D": c.EmbeddingDim}}
	var p picture
	m.inputs(&p)
	m.stream(&p)
	m.encoder(&p)
	m.heads(&p)
	m.losses(&p)
	alt := m.alt()
	return Diagram{SVG: p.svg(alt), Alt: alt, Caption: m.caption()}
}

// shape is the letters of a shape with their sizes, where all are known: B × F × R = 32 × 8 × 128.
func (m model) shape(letters ...string) string {
	return strings.Join(letters, " × ") + m.numbers(" × ", letters...)
}

// change is the letters of a linear map with their sizes: H → D = 128 → 64.
func (m model) change(letters ...string) string {
	return strings.Join(letters, " → ") + m.numbers(" → ", letters...)
}

func (m model) numbers(separator string, letters ...string) string {
	var numbers []string
	for _, l := range letters {
		n, known := m.sizes[l]
		if !known || n == 0 {
			return ""
		}
		numbers = append(numbers, text.Thousands(n))
	}
	return " = " + strings.Join(numbers, separator)
}

// alt describes the drawing.
func (m model) alt() string {
	c := m.Model
	return fmt.Sprintf("Diagram of the model. Frames (%s) are projected by video_fc to the hidden size, the title's tokens (%s) are "+
		"looked up; both get positions, a type and LayerNorm and become one stream of %d positions in the layout %s. An encoder of "+
		"%s with %d heads computes the states (%s). Heads on them: masked tokens (E2), masked frames (E3), tags (E1, from the %s), "+
		"and the embedding: pooling %s (E7), embedding_fc, length one (%s). Pretraining sums the losses (E4); finetuning compares the "+
		"cosine of two embeddings with a label by the loss %s.",
		m.shape("B", "F", "R"), m.shape("B", "T"), c.Sequence(), c.Layout, text.Count(c.NumHiddenLayers, "layer"), c.NumAttentionHeads,
		m.shape("B", "S", "H"), tagSource(c), c.Pooling, m.shape("B", "D"), m.pairLoss().name)
}

// caption explains the letters.
func (m model) caption() string {
	var parts []string
	for _, l := range []struct{ letter, what string }{
		{"B", "videos of a batch"}, {"F", "frames"}, {"R", "width of a frame"}, {"T", "tokens of a text"}, {"S", "positions, F + T"},
		{"H", "width of a state"}, {"A", "attention heads"}, {"V", "vocabulary"}, {"G", "tags"}, {"D", "width of an embedding"},
	} {
		value := ""
		if n := m.sizes[l.letter]; n > 0 {
			value = " = " + text.Thousands(n)
		}
		parts = append(parts, l.letter+value+" "+l.what)
	}
	return "The model of the recipe. " + strings.Join(parts, "; ") + "; M and P the masked tokens and frames of a batch. E1 to E16 " +
		"are the equations of the library's map (vsimlib/doc.go)."
}

// tagSource is what the tag head reads.
func tagSource(c recipe.Model) string {
	if c.TagInput == recipe.TagEmbedding {
		return "embedding"
	}
	return "state at [CLS]"
}
