// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/half"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/step"
	"vsim/vsimlib/synth"
	"vsim/vsimlib/tokenizer"
)

// Lengths of the generated videos.
const (
	Full        = "full"        // max_text (and max_asr) tokens and max_frames frames each: no padding
	Competition = "competition" // titles, speech and frames as long as the competition's (package synth)
)

// tagsEach is how many tags a video has; the competition's have 4.76 on average.
const tagsEach = 5

// source generates videos, and builds batches of them as pretraining does.
type source struct {
	r       recipe.Recipe
	builder *batch.Builder
	pool    []corpus.Video
}

// newSource generates a pool of videos, the same each time. Batches are drawn from it, so that no videos are generated while
// steps are timed.
func newSource(r recipe.Recipe, devices int, lengths string) (*source, error) {
	c := r.Model
	words, tok, err := vocabulary(c.VocabSize)
	if err != nil {
		return nil, err
	}
	tags := make([]int64, c.NumTags)
	for i := range tags {
		tags[i] = int64(i + 1)
	}
	s := &source{r: r}
	if s.builder, err = step.PretrainBuilder(r, devices, tok, tags); err != nil {
		return nil, err
	}
	draw := rand.New(rand.NewPCG(uint64(r.Pretrain.Seed), 0x62656e6368))
	for i := range 2 * r.Pretrain.Batch {
		title, frames := c.MaxText, c.MaxFrames
		if lengths == Competition {
			title, frames = synth.TitleChars(draw.Float64()), synth.FrameCount(draw.Float64())
		}
		v := video(int64(i+1), words, title, min(frames, c.MaxFrames), c.FrameDim, c.NumTags, draw)
		if c.MaxASR > 0 {
			said := c.MaxASR
			if lengths == Competition {
				said = synth.ASRChars(draw.Float64())
			}
			v.ASRText = text(words, said, draw)
		}
		s.pool = append(s.pool, v)
	}
	return s, s.builder.Measure(len(s.pool), func(i int) (corpus.Video, error) { return s.pool[i], nil })
}

// videos are the videos of step n.
func (s *source) videos(n int) []corpus.Video {
	list := make([]corpus.Video, s.r.Pretrain.Batch)
	for i, index := range batch.Order(len(s.pool), s.r.Pretrain.Seed, n)[:len(list)] {
		list[i] = s.pool[index]
	}
	return list
}

// parts builds the batch of step n, in micro-batches where the recipe accumulates.
func (s *source) parts(n int) ([]*batch.Pretrain, error) {
	return step.PretrainParts(s.builder, s.r.Pretrain, n, s.videos(n), nil)
}

// vocabulary generates a vocabulary of size tokens: the special ones, then single Chinese characters (each a token of a title),
// then words that no title has.
func vocabulary(size int) (words []rune, tok *tokenizer.Tokenizer, err error) {
	tokens := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	if size <= len(tokens) {
		return nil, nil, fmt.Errorf("bench: model.vocab_size %d leaves no words besides the special tokens", size)
	}
	const first, last = '\u4e00', '\u9fa5'
	for len(tokens) < size {
		if next := first + rune(len(words)); next <= last {
			words, tokens = append(words, next), append(tokens, string(next))
		} else {
			tokens = append(tokens, fmt.Sprintf("w%d", len(tokens)))
		}
	}
	tok, err = tokenizer.NewVocab(tokens)
	return words, tok, err
}

// text generates n words.
func text(words []rune, n int, draw *rand.Rand) string {
	list := make([]rune, n)
	for i := range list {
		list[i] = words[draw.IntN(len(words))]
	}
	return string(list)
}

// video generates a video with title words and frames.
func video(id int64, words []rune, title, frames, width, numTags int, draw *rand.Rand) corpus.Video {
	v := corpus.Video{ID: id, NumFrames: frames, Title: text(words, title, draw)}
	v.Frames = make([]byte, 0, 2*frames*width)
	for range frames * width {
		v.Frames = binary.LittleEndian.AppendUint16(v.Frames, half.FromFloat32(float32(draw.NormFloat64())))
	}
	for range min(tagsEach, numTags) {
		v.Tags = append(v.Tags, 1+draw.Int64N(int64(numTags)))
	}
	return v
}
