// SPDX-License-Identifier: Apache-2.0

package arithmetic

import (
	"encoding/binary"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/half"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/tokenizer"
)

// smallBatch is how many videos or pairs a batch has.
const smallBatch = 4

// words are the vocabulary, tags the tag list of the small videos.
var (
	words = []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "红", "蓝", "绿", "猫", "狗", "鱼", "山", "水", "火"}
	tags  = []int64{500, 600, 700}
)

var tokens = func() *tokenizer.Tokenizer {
	t, err := tokenizer.NewVocab(words)
	if err != nil {
		panic(err) // the list above is one
	}
	return t
}()

// schedule is a short one; its first step is in the warm-up.
var schedule = recipe.Schedule{StepsPerEpoch: 8, Steps: 8, Warmup: 2}

// small has the choices of a recipe and fixed small amounts. An amount that is 0 stays 0 where that switches something off.
func small(r recipe.Recipe) recipe.Recipe {
	usual, _ := recipe.Preset("demo")
	r = r.Clone()
	r.Ensemble = usual.Ensemble
	smallModel(&r.Model)
	p, q := usual.Clone().Pretrain, r.Pretrain
	p.Batch, p.Seed, p.MLMProbability, p.MFMProbability = smallBatch, 1, .3, .3
	p.Epochs, p.ValEvery, p.CheckpointEvery, p.CheckpointKeep = 1, 0, 0, false
	p.WeightTag = new(float64(2))
	if q.WeightTag != nil { // null: the corpus decides the weight
		*p.WeightTag = switched(*q.WeightTag, 2)
	}
	p.WeightMLM, p.WeightMFM = switched(q.WeightMLM, .5), switched(q.WeightMFM, .25)
	p.MFMTemperature = switched(q.MFMTemperature, .1)
	p.WeightSimCSE, p.SimCSETemperature = switched(q.WeightSimCSE, .1), 0
	p.WeightDecay, p.AdamEps, p.LREncoder, p.LRHeads = switched(q.WeightDecay, .01), 1e-6, 1e-4, 1e-3
	p.LayerDecay, p.EMA = switched(q.LayerDecay, .8), switched(q.EMA, .9)
	p.OwnTask, p.WeightOwn = q.OwnTask, switched(q.WeightOwn, .5)
	p.Accumulate = micro(q.Accumulate)
	f, g := usual.Clone().Finetune, r.Finetune
	f.Batch, f.Seed, f.Loss, f.Temperature = smallBatch, 1, g.Loss, 0
	f.WeightDecay, f.AdamEps, f.LREncoder, f.LRHeads = switched(g.WeightDecay, .01), 1e-6, 1e-4, 1e-3
	f.LayerDecay, f.EMA = switched(g.LayerDecay, .8), switched(g.EMA, .9)
	if f.WeightTeacher = switched(g.WeightTeacher, .5); f.WeightTeacher > 0 {
		f.Teacher = "a file" // that is not read
	}
	f.Accumulate = micro(g.Accumulate)
	r.Pretrain, r.Finetune = p, f
	return r
}

// smallModel sets the sizes of a model. Two layers, since the last one may be computed in part.
func smallModel(m *recipe.Model) {
	m.VocabSize, m.FrameDim, m.NumTags = len(words), 5, len(tags)
	m.HiddenSize, m.NumHiddenLayers, m.NumAttentionHeads, m.IntermediateSize, m.EmbeddingDim = 8, 2, 2, 12, 6
	m.MaxPositionEmbeddings, m.TypeVocabSize, m.MaxFrames, m.MaxText = 24, 2, 3, 7
	m.LayerNormEps, m.InitializerRange = 1e-12, .02
	m.HiddenDropoutProb, m.AttentionProbsDropoutProb = switched(m.HiddenDropoutProb, .1), switched(m.AttentionProbsDropoutProb, .1)
	m.MaxASR = int(switched(float64(m.MaxASR), 4))
	if m.ComputeDType == recipe.Float32 {
		m.ComputeDType = ""
	}
}

// switched is 0 where v is, otherwise a fixed amount.
func switched(v, amount float64) float64 {
	if v == 0 {
		return 0
	}
	return amount
}

// micro is the number of micro-batches: none or two.
func micro(n int) int {
	if n > 1 {
		return 2
	}
	return 0
}

func newBuilder(m recipe.Model) (*batch.Builder, error) {
	return batch.NewBuilder(batch.ConfigOf(m), tokens, nil)
}

// smallVideos are n videos of several lengths, some without frames or tags.
func smallVideos(n int) []corpus.Video {
	videos := make([]corpus.Video, n)
	for i := range videos {
		v := corpus.Video{ID: int64(1000 + 3*i), NumFrames: (i + 2) % 6}
		for k := range i % 6 {
			v.Title += words[5+(3*i+k)%9]
			v.ASRText += words[5+(i+2*k)%9]
		}
		for k := range 5 * v.NumFrames {
			v.Frames = binary.LittleEndian.AppendUint16(v.Frames, half.FromFloat32(float32((7*i+3*k)%11)/4-1))
		}
		if i%3 != 0 {
			v.Tags = []int64{tags[i%3], 999}
		}
		videos[i] = v
	}
	return videos
}
