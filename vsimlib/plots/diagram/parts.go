// SPDX-License-Identifier: Apache-2.0

package diagram

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/text"
)

// Rows of the drawing, from the top, and the columns of the heads.
const (
	inputTop   = 6
	embedTop   = 92
	streamTop  = 196
	encoderTop = 288
	stateTop   = 402
	headTop    = 466
	lossTop    = 606

	half       = 424 // width of a box of two in a row
	column     = 206 // of four
	columnStep = 218
)

// inputs draws both inputs, and how they become positions of width H.
func (m model) inputs(p *picture) {
	right := width - margin - half
	p.box(frameColor, margin, inputTop, half, 56, "frames of the video", m.shape("B", "F", "R")+", float16")
	title := "title as tokens"
	if m.Model.MaxASR > 0 {
		title = "title and speech as tokens"
	}
	p.box(textColor, right, inputTop, half, 56, title, m.shape("B", "T"))
	p.down(margin+half/2, inputTop+56, embedTop)
	p.down(right+half/2, inputTop+56, embedTop)
	p.box(frameColor, margin, embedTop, half, 76, "video_fc: "+m.change("R", "H"), "+ position + type, LayerNorm",
		m.shape("B", "F", "H"))
	p.box(textColor, right, embedTop, half, 76, "words: table "+m.shape("V", "H"), "+ position + type, LayerNorm",
		m.shape("B", "T", "H"))
	p.down(margin+half/2, embedTop+76, streamTop)
	p.down(right+half/2, embedTop+76, streamTop)
}

// stream draws the positions of one video in the order of the layout.
func (m model) stream(p *picture) {
	f := strconv.Itoa(m.Model.MaxFrames)
	cls, sep := cell{textColor, "[CLS]", 1}, cell{textColor, "[SEP]", 1}
	frames, title := cell{frameColor, "frame 1 … frame " + f, 5}, cell{textColor, "title", 3}
	order := []cell{frames, cls, title, sep}
	if m.Model.Layout == competition.LayoutCLSFirst {
		order = []cell{cls, frames, sep, title, sep}
	}
	if m.Model.MaxASR > 0 {
		order = append(order, cell{textColor, "speech", 2}, sep)
	}
	padding := "padding"
	if m.Model.Packs() {
		padding = "" // videos are packed
	}
	p.cells(margin, streamTop, width-2*margin, 34, order, padding)
	words := "one stream of " + m.shape("S") + " positions"
	if m.Model.Packs() {
		words += ", several videos packed in a row without padding"
	}
	p.words(width/2, streamTop+54, 14, "middle", words)
	p.down(width/2, streamTop+62, encoderTop)
}

// encoder draws the layers and the states that they give.
func (m model) encoder(p *picture) {
	c := m.Model
	for i := range min(2, c.NumHiddenLayers-1) {
		p.behind(stateColor, margin+60, encoderTop+10, width-2*margin-120, 78, 5*(i+1))
	}
	heads := "self-attention with " + m.shape("A") + " heads of width H/A"
	if c.NumAttentionHeads > 0 {
		heads += fmt.Sprintf(" = %d", c.HiddenSize/c.NumAttentionHeads)
	}
	p.box(stateColor, margin+60, encoderTop+10, width-2*margin-120, 78,
		fmt.Sprintf("BERT encoder: %d × one layer", c.NumHiddenLayers), heads,
		fmt.Sprintf("feed-forward %s → %s → %s; each added to its input, LayerNorm", text.Thousands(c.HiddenSize),
			text.Thousands(c.IntermediateSize), text.Thousands(c.HiddenSize)))
	p.down(width/2, encoderTop+88, stateTop)
	p.box(stateColor, margin, stateTop, width-2*margin, 32, "states x: "+m.shape("B", "S", "H"))
}

// heads draws what reads the states: the three tasks of pretraining and the embedding.
func (m model) heads(p *picture) {
	list := m.tasks()
	for i, t := range list {
		x := margin + i*columnStep
		p.part(t.weight == 0, func() {
			if t.fromEmbedding {
				p.left(margin+3*columnStep, x+column, headTop+52)
			} else {
				p.down(x+column/2, stateTop+32, headTop)
			}
			p.box(t.color, x, headTop, column, 104, t.title, t.lines...)
			p.down(x+column/2, headTop+104, lossTop)
		})
	}
	x := margin + 3*columnStep
	p.down(x+column/2, stateTop+32, headTop)
	p.box(embedColor, x, headTop, column, 104, "embedding e  (E7)", "pooling: "+words(m.Model.Pooling), "embedding_fc, length 1",
		m.shape("B", "D"))
	p.down(x+column/2, headTop+104, lossTop)
}

// losses draws what the heads are trained on.
func (m model) losses(p *picture) {
	var terms []string
	for _, t := range m.tasks() {
		if t.weight != 0 {
			terms = append(terms, t.weightText()+" "+t.loss)
		}
	}
	if w := m.Pretrain.WeightSimCSE; w != 0 {
		terms = append(terms, weight(w)+" L_simcse (E13)")
	}
	p.box(lossColor, margin, lossTop, 2*columnStep+column, 58, "pretraining  (E4)", "L = "+cmp.Or(strings.Join(terms, " + "), "0"))
	loss := m.pairLoss()
	if w := m.Finetune.WeightTeacher; w != 0 {
		loss.label, loss.short = loss.label+", E16", fmt.Sprintf("%s × %s + %s × teacher", weight(1-w), loss.short, weight(w))
	}
	p.box(lossColor, margin+3*columnStep, lossTop, column, 58, "finetuning  ("+loss.label+")", loss.short)
}

// task is one of the three of pretraining.
type task struct {
	title, loss, color string
	lines              []string
	weight             float64
	unknown            bool // the corpus decides the weight
	fromEmbedding      bool
}

// weightText is the weight, or how the corpus decides it.
func (t task) weightText() string {
	if t.unknown {
		return "G/24"
	}
	return weight(t.weight)
}

// weight is a weight with three digits.
func weight(w float64) string { return strconv.FormatFloat(w, 'g', 3, 64) }

// tasks are those of pretraining, from the left.
func (m model) tasks() []task {
	p, c := m.Pretrain, m.Model
	percent := func(v float64) string { return strconv.FormatFloat(100*v, 'g', 3, 64) + "%" }
	tag := task{title: "tags  (E1)", loss: "L_tag", color: embedColor, weight: 1, unknown: p.WeightTag == nil,
		lines: []string{"from the state at [CLS]", m.change("H", "G"), "sigmoid of each tag"}}
	if p.WeightTag != nil {
		tag.weight = *p.WeightTag
	}
	if c.TagInput == recipe.TagEmbedding {
		tag.fromEmbedding = true
		tag.lines[0], tag.lines[1] = "from the embedding", m.change("D", "G")
	}
	frames, by := "masked frames  (E3)", "softmax over real frames"
	if p.MFMTemperature != 0 {
		frames, by = "masked frames  (E15)", "softmax of cosine / "+weight(p.MFMTemperature)
	}
	return []task{
		{title: "masked tokens  (E2)", loss: "L_mlm", color: textColor, weight: p.WeightMLM,
			lines: []string{percent(p.MLMProbability) + " of the tokens", "M × H → M × V", "softmax over V"}},
		{title: frames, loss: "L_mfm", color: frameColor, weight: p.WeightMFM,
			lines: []string{percent(p.MFMProbability) + " of the frames", "P × H → P × R", by}},
		tag,
	}
}

// pair is a loss of pairs.
type pair struct{ name, label, short string }

// pairLoss is that of finetuning.
func (m model) pairLoss() pair {
	switch m.Finetune.Loss {
	case "", recipe.LossMSE:
		return pair{"mse", "E6", "(e₁·e₂ − y)², mean"}
	case recipe.SoftmaxPearson:
		return pair{m.Finetune.Loss, "E12", "softmax-Pearson"}
	case recipe.CoSENT:
		return pair{m.Finetune.Loss, "E14", "CoSENT: order of e₁·e₂"}
	}
	const most = 24 // that fit into the box
	name := []rune(m.Finetune.Loss)
	return pair{m.Finetune.Loss, "own", string(name[:min(most, len(name))])}
}

// words is a name of the recipe for readers.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }
