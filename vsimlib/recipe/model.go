// SPDX-License-Identifier: Apache-2.0

package recipe

import "strings"

// Model is the shape of a model and the section "model" of a recipe; its JSON names are those of config.json, Hugging
// Face's where they exist. VocabSize, FrameDim and NumTags may be 0 in a recipe: the corpus decides them.
type Model struct {
	VocabSize             int     `json:"vocab_size"`              // tokens of the vocabulary; 0: the corpus decides. Paper: 21128
	HiddenSize            int     `json:"hidden_size"`             // floats a position. Paper: 1024 (BERT-large)
	NumHiddenLayers       int     `json:"num_hidden_layers"`       // layers of the encoder. Paper: 24
	NumAttentionHeads     int     `json:"num_attention_heads"`     // of each layer; divides hidden_size. Paper: 16
	IntermediateSize      int     `json:"intermediate_size"`       // floats inside the feed-forward block. Paper: 4096
	MaxPositionEmbeddings int     `json:"max_position_embeddings"` // rows of each of the two position tables. Paper: 512
	TypeVocabSize         int     `json:"type_vocab_size"`         // rows of the token type tables; only row 0 is used. Paper: 2
	LayerNormEps          float64 `json:"layer_norm_eps"`          // epsilon of LayerNorm. Paper: 1e-12
	FrameDim              int     `json:"frame_dim"`               // floats a frame; 0: the corpus decides. Paper: 1536
	MaxFrames             int     `json:"max_frames"`              // frames a video; more are sampled. Paper: 32
	MaxText               int     `json:"max_text"`                // tokens a title, [CLS] and [SEP] among them. Paper: 36
	NumTags               int     `json:"num_tags"`                // classes of the tag task; 0: the corpus decides. Paper: 10000
	EmbeddingDim          int     `json:"embedding_dim"`           // floats of the embedding. Paper: 256, the competition's limit
	// Layout is the order of the sequence: cls_first | frames_first. Paper: cls_first; members 2 and 3: frames_first
	Layout string `json:"layout"`
	// Pooling is mean | attention, over all positions with the padding, or masked_mean | masked_attention over the real
	// ones, or cls: [CLS] alone. own:NUMBER is a function of a notebook. Paper: mean; members 4 and 5: attention.
	Pooling string `json:"pooling"`
	// TagInput is what the tag head reads: cls | embedding. Paper: cls; members 2 and 3: embedding
	TagInput                  string  `json:"tag_input"`
	HiddenDropoutProb         float64 `json:"hidden_dropout_prob"`          // dropout of hidden states; training only. Paper: 0.1
	AttentionProbsDropoutProb float64 `json:"attention_probs_dropout_prob"` // dropout of attention; training only. Paper: 0.1
	InitializerRange          float64 `json:"initializer_range"`            // standard deviation of fresh weights. Paper: 0.02
	// ComputeDType is the encoder's: float32 (also where empty) | bfloat16. Paper: float32
	ComputeDType string `json:"compute_dtype,omitempty"`
	// GradientCheckpointing keeps only the input of each layer for the backward pass and computes the rest of the layer a second
	// time: less memory, the same gradients, about a third more work. Training only. Paper: false
	GradientCheckpointing bool `json:"gradient_checkpointing,omitempty"`
	// KeepPadding computes every video at full length under the masked poolings too. Without it the padding, which these do not
	// see, is left out: the same numbers up to rounding, and other draws of dropout.
	KeepPadding bool `json:"keep_padding,omitempty"`
	// MaxASR is the number of tokens more for the speech of the video, which follows the title: title [SEP] speech [SEP]. 0: speech
	// is not read. Paper: 0; the authors would try it
	MaxASR int `json:"max_asr,omitempty"`
	// Reads is what the model reads of a video: both (also where empty) | title, with the speech | frames. Paper: both
	Reads string `json:"reads,omitempty"`
}

// Poolings and tag inputs that a model may have; package competition has the layouts.
const (
	Mean            = "mean"             // over all positions, padding included, as released
	Attention       = "attention"        // the same, weighted
	MaskedMean      = "masked_mean"      // over real positions only
	MaskedAttention = "masked_attention" // the same, weighted
	CLS             = "cls"              // the last layer at [CLS]
	TagCLS          = "cls"              // the tag head reads the last layer at [CLS]
	TagEmbedding    = "embedding"        // the tag head reads the embedding before its L2 normalisation
)

// What a model may read of a video.
const (
	ReadsBoth   = "both"
	ReadsTitle  = "title"
	ReadsFrames = "frames"
)

// Sizes are what a corpus (or a given model) decides; 0 is unknown.
type Sizes struct {
	VocabSize int // tokens of the vocabulary
	FrameDim  int // floats a frame
	NumTags   int // lines of tag_list.txt
}

// CompetitionSizes are those of the competition's data, for work without a corpus.
var CompetitionSizes = Sizes{VocabSize: 21128, FrameDim: 1536, NumTags: 10000}

// Sequence is the number S of positions the encoder sees, padding included.
func (m Model) Sequence() int { return m.MaxFrames + m.TextLength() }

// TextLength is the number T of its positions that are text, title and speech.
func (m Model) TextLength() int { return m.MaxText + m.MaxASR }

// Masked reports whether the pooling leaves padding out.
func (m Model) Masked() bool { return m.Pooling == CLS || strings.HasPrefix(m.Pooling, "masked_") }

// Packs reports whether the encoder computes on real positions only. The poolings as released see the padding, so it must be there.
func (m Model) Packs() bool { return m.Masked() && !m.KeepPadding }

// AttentionPooling reports whether the pooling has weights of its own.
func (m Model) AttentionPooling() bool { return strings.HasSuffix(m.Pooling, "attention") }

// TagWidth is the input width of the tag head.
func (m Model) TagWidth() int {
	if m.TagInput == TagEmbedding {
		return m.EmbeddingDim
	}
	return m.HiddenSize
}

// Contradicts lists the names in which m asks for other weights than a model of shape has: other sizes, other parts, or
// a number of heads or an epsilon that these weights were not trained with. Layout, masking of the pooling, what is read of a
// video, text, speech and frame lengths, dropout, compute type and checkpointing are free.
func (m Model) Contradicts(shape Model) []string {
	free := map[string]bool{"max_frames": true, "max_text": true, "max_asr": true, "layout": true, "hidden_dropout_prob": true,
		"attention_probs_dropout_prob": true, "initializer_range": true, "compute_dtype": true,
		"gradient_checkpointing": true, "keep_padding": true, "reads": true}
	var names []string
	theirs := structFields("", &shape)
	for i, f := range structFields("", &m) {
		differ := f.json() != theirs[i].json()
		if f.name == "pooling" {
			differ = m.AttentionPooling() != shape.AttentionPooling()
		}
		if differ && !free[f.name] {
			names = append(names, f.name)
		}
	}
	return names
}

// Resolve fills what the corpus decides: vocab_size, frame_dim and num_tags where they are 0, then weight_tag where it is
// null. A size that the recipe gives must fit the corpus. num_tags stays 0, and the tag task off, without a tag list.
func (r *Recipe) Resolve(s Sizes) error {
	m := &r.Model
	f := &faults{}
	fill(&m.VocabSize, s.VocabSize)
	fill(&m.FrameDim, s.FrameDim)
	fill(&m.NumTags, s.NumTags)
	switch {
	case m.VocabSize == 0:
		f.add("model.vocab_size", "there is no vocabulary; give --init, put a vocab.txt into the corpus, or set it")
	case s.VocabSize > m.VocabSize:
		f.add("model.vocab_size", "%d, but the vocabulary has %d tokens", m.VocabSize, s.VocabSize)
	}
	switch {
	case m.FrameDim == 0:
		f.add("model.frame_dim", "no video has a frame to tell it; set it")
	case s.FrameDim != 0 && s.FrameDim != m.FrameDim:
		f.add("model.frame_dim", "%d, but the corpus has frames of %d; leave it 0, and import a model for --init with --corpus",
			m.FrameDim, s.FrameDim)
	}
	if s.NumTags > m.NumTags {
		f.add("model.num_tags", "%d, but the tag list has %d; leave it 0, and import a model for --init with --corpus",
			m.NumTags, s.NumTags)
	}
	if r.Pretrain.WeightTag == nil {
		r.Pretrain.WeightTag = new(TagWeight(m.NumTags))
	}
	if *r.Pretrain.WeightTag != 0 && m.NumTags == 0 {
		f.add("pretrain.weight_tag", "%g, but there is no tag_list.txt; set it to 0", *r.Pretrain.WeightTag)
	}
	return f.err()
}

// TagWeight is what a weight_tag that is null means for this many tags.
func TagWeight(numTags int) float64 { return float64(numTags) / 24 }

func fill(size *int, known int) {
	if *size == 0 {
		*size = known
	}
}
