// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/safetensors"
	"vsim/vsimlib/token"
	"vsim/vsimlib/trainer"
)

// Lengths of the made-up videos.
const (
	Full        = "full"        // max_text tokens and max_frames frames each: no padding
	Competition = "competition" // titles and frames as long as the competition's
)

// tagsEach is how many tags a video has; the competition's have 4.76 on average.
const tagsEach = 5

// source makes up videos, and batches of them as pretraining has them.
type source struct {
	r       recipe.Recipe
	builder *batch.Builder
	pool    []corpus.Video
}

// newSource makes a pool of videos, the same ones each time. Batches are drawn from it, so that making up videos costs no time where
// time is taken.
func newSource(r recipe.Recipe, lengths string) (*source, error) {
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
	if s.builder, err = trainer.PretrainBuilder(r, tok, tags); err != nil {
		return nil, err
	}
	draw := rand.New(rand.NewPCG(uint64(r.Pretrain.Seed), 0x62656e6368))
	for i := range 2 * r.Pretrain.Batch {
		title, frames := c.MaxText, c.MaxFrames
		if lengths == Competition {
			title, frames = quantile(titleLengths, draw.Float64()), quantile(frameCounts, draw.Float64())
		}
		s.pool = append(s.pool, video(int64(i+1), words, title, min(frames, c.MaxFrames), c.FrameDim, c.NumTags, draw))
	}
	return s, s.builder.Measure(len(s.pool), func(i int) (corpus.Video, error) { return s.pool[i], nil })
}

// batch builds the batch of a step.
func (s *source) batch(step int) (*batch.Pretrain, error) {
	size := s.r.Pretrain.Batch
	videos := make([]corpus.Video, size)
	for i, place := range batch.Order(len(s.pool), s.r.Pretrain.Seed, step)[:size] {
		videos[i] = s.pool[place]
	}
	return s.builder.Pretrain(videos, s.r.Pretrain.Seed, step, nil)
}

// vocabulary makes one of size tokens: the special ones, then single Chinese characters (each a token of a title), then words that
// no title has.
func vocabulary(size int) (words []rune, tok *token.Tokenizer, err error) {
	tokens := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	if size <= len(tokens) {
		return nil, nil, fmt.Errorf("bench: model.vocab_size %d leaves no words beside the special tokens", size)
	}
	const first, last = '\u4e00', '\u9fa5'
	for len(tokens) < size {
		if next := first + rune(len(words)); next <= last {
			words, tokens = append(words, next), append(tokens, string(next))
		} else {
			tokens = append(tokens, fmt.Sprintf("w%d", len(tokens)))
		}
	}
	tok, err = token.NewVocab(tokens)
	return words, tok, err
}

// video makes up one of so many words and frames.
func video(id int64, words []rune, title, frames, width, numTags int, draw *rand.Rand) corpus.Video {
	v := corpus.Video{ID: id, NumFrames: frames}
	text := make([]rune, title)
	for i := range text {
		text[i] = words[draw.IntN(len(words))]
	}
	v.Title = string(text)
	v.Frames = make([]byte, 0, 2*frames*width)
	for range frames * width {
		v.Frames = binary.LittleEndian.AppendUint16(v.Frames, safetensors.Float32ToHalf(float32(draw.NormFloat64())))
	}
	for range min(tagsEach, numTags) {
		v.Tags = append(v.Tags, 1+draw.Int64N(int64(numTags)))
	}
	return v
}

// point of a distribution: the value that a share of all lie below.
type point struct{ share, value float64 }

// The competition's published quantiles (pikachu2's and our own counts over its public files): characters of a title, frames of a
// video. Between two points the value is on the line through them.
var (
	titleLengths = []point{{0, 1}, {.25, 13}, {.5, 19}, {.75, 24}, {.99, 34}, {1, 60}}
	frameCounts  = []point{{0, 5}, {.1, 9}, {.25, 10}, {.5, 13}, {.75, 20}, {.88, 32}, {1, 32}}
)

// quantile is the value of which share of the distribution lies below, as a whole number.
func quantile(points []point, share float64) int {
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		if share <= b.share {
			return int(a.value + (b.value-a.value)*(share-a.share)/(b.share-a.share) + 0.5)
		}
	}
	return int(points[len(points)-1].value)
}
