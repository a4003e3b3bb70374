// SPDX-License-Identifier: Apache-2.0

// Package batch turns videos into the fixed-shape arrays of the graphs: tokens, float16 frames and their masks, the tokens and
// frames that pretraining hides, and tag classes. It also orders the videos of an epoch and builds batches ahead of their use.
//
// Everything is a pure function of its arguments, so a run that was killed and continued sees the batches that it would have
// seen. The letters in shapes are those of package vsimlib; T is max_text + max_asr, F max_frames, R frame_dim.
package batch

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/tokenizer"
)

// Config holds the shapes of the arrays and what pretraining hides.
type Config struct {
	MaxText   int    // tokens of a title, special ones included
	MaxASR    int    // further tokens, of the speech; 0: speech is not read
	MaxFrames int    // F
	FrameDim  int    // R
	Layout    string // cls_first or frames_first
	Reads     string // title, frames, or both: also where empty

	Pack bool // several videos share a row, without padding (see Pack)

	MLMProbability float64 // of a token to be chosen; the competition took .15
	MFMProbability float64 // of a frame to be zeroed; the released code has .9 · .15
}

// ConfigOf returns the config of the batches that a model reads, with nothing hidden. It packs if the model does, as its graphs
// expect.
func ConfigOf(m recipe.Model) Config {
	return Config{MaxText: m.MaxText, MaxASR: m.MaxASR, MaxFrames: m.MaxFrames, FrameDim: m.FrameDim, Layout: m.Layout,
		Reads: m.Reads, Pack: m.Packs()}
}

// seen is what is read of a video.
func (c Config) seen(v corpus.Video) corpus.Video {
	switch c.Reads {
	case recipe.ReadsTitle:
		v.Frames, v.NumFrames = nil, 0
	case recipe.ReadsFrames:
		v.Title, v.ASRText = "", ""
	}
	return v
}

// text is T, the tokens of a video.
func (c Config) text() int { return c.MaxText + c.MaxASR }

// Builder builds batches. After Measure it no longer changes and may be used by several goroutines.
type Builder struct {
	config Config
	tokens *tokenizer.Tokenizer
	class  map[int64]int32 // of a tag id
	masked lengthStats     // tokens per video that may be masked
	frames lengthStats     // frames per video
	row    rowSize         // of packed batches
}

// NewBuilder checks the settings. tags are all tag ids in ascending order: the index of a tag is its class.
func NewBuilder(c Config, tok *tokenizer.Tokenizer, tags []int64) (*Builder, error) {
	switch {
	case tok == nil:
		return nil, errors.New("batch: no tokenizer")
	case c.MaxText < 3:
		return nil, fmt.Errorf("batch: max_text %d has no room for [CLS] and two [SEP]", c.MaxText)
	case c.MaxASR < 0:
		return nil, fmt.Errorf("batch: max_asr %d is negative", c.MaxASR)
	case c.MaxFrames < 1 || c.FrameDim < 1:
		return nil, fmt.Errorf("batch: max_frames %d and frame_dim %d must be at least 1", c.MaxFrames, c.FrameDim)
	case c.Layout != competition.LayoutCLSFirst && c.Layout != competition.LayoutFramesFirst:
		return nil, fmt.Errorf("batch: layout %q is neither %s nor %s", c.Layout, competition.LayoutCLSFirst,
			competition.LayoutFramesFirst)
	case !(c.MLMProbability >= 0 && c.MLMProbability <= 1): // NaN too
		return nil, fmt.Errorf("batch: probability %v of masking a token is outside [0,1]", c.MLMProbability)
	case !(c.MFMProbability >= 0 && c.MFMProbability <= 1):
		return nil, fmt.Errorf("batch: probability %v of masking a frame is outside [0,1]", c.MFMProbability)
	}
	b := &Builder{config: c, tokens: tok, class: make(map[int64]int32, len(tags))}
	for i, tag := range tags {
		if i > 0 && tag <= tags[i-1] {
			return nil, fmt.Errorf("batch: tag %d after %d: tags must ascend", tag, tags[i-1])
		}
		b.class[tag] = int32(i)
	}
	b.masked = lengthStats{mean: float64(c.text())}
	b.frames = lengthStats{mean: float64(c.MaxFrames)}
	b.row = rowSize{length: c.text() + c.MaxFrames}
	return b, nil
}

// Inputs returns the arrays of videos as they are, for embedding. Titles longer than MaxText lose their end; of more than
// MaxFrames frames those at stride midpoints are taken.
func (b *Builder) Inputs(videos []corpus.Video) (Inputs, error) {
	r, err := b.read(videos)
	if err != nil {
		return Inputs{}, err
	}
	return b.inputs(r), nil
}

// reading is what is read of videos, on the host and before masking.
type reading struct {
	count     int
	first     int     // index of the first row in the batch that these are a part of
	ids, mask []int32 // [B,T]
	frames    *tensors.Tensor
	frameMask []int32 // [B,F] or, packed, [Q]
	shots     []int   // [B], the number of real frames of each video
	start     []int   // [B], where they begin in frameMask
}

func (b *Builder) inputs(r *reading) Inputs {
	c := b.config
	in := Inputs{
		TextIDs:   tensors.FromFlatDataAndDimensions(r.ids, r.count, c.text()),
		TextMask:  tensors.FromFlatDataAndDimensions(r.mask, r.count, c.text()),
		Frames:    r.frames,
		FrameMask: b.perFrame(r.frameMask, r.count),
	}
	if c.Pack {
		in.PackingArrays = Pack(r.mask, r.shots, len(r.frameMask), b.row.length, b.row.usual(r.count))
	}
	return in
}

// encode returns a video's text [T] and its mask.
func (b *Builder) encode(v *corpus.Video) (ids, mask []int32) {
	c := b.config
	return b.tokens.Encode(v.Title, v.ASRText, c.Layout, c.MaxText, c.MaxASR)
}

// perFrame shapes values, one per frame: [B,F] or, packed, [Q].
func (b *Builder) perFrame(values []int32, count int) *tensors.Tensor {
	if b.config.Pack {
		return tensors.FromFlatDataAndDimensions(values, len(values))
	}
	return tensors.FromFlatDataAndDimensions(values, count, b.config.MaxFrames)
}

// layFrames decides where the frames of each video go: to MaxFrames positions of its own or, packed, behind those of the video
// before.
//
// Packed, they get q positions, or as many as is usual for the corpus where q is 0.
func (b *Builder) layFrames(r *reading, videos []corpus.Video, q int) {
	c, total := b.config, 0
	for i, v := range videos {
		shots := min(v.NumFrames, c.MaxFrames)
		start := total
		if !c.Pack {
			start = i * c.MaxFrames
		}
		r.shots, r.start = append(r.shots, shots), append(r.start, start)
		total += shots
	}
	if !c.Pack {
		r.frameMask = make([]int32, r.count*c.MaxFrames)
		r.frames = tensors.FromShape(shapes.Make(dtypes.Float16, r.count, c.MaxFrames, c.FrameDim))
		return
	}
	if q == 0 {
		q = b.frames.budget(1, r.count, c.MaxFrames, total)
	}
	r.frameMask = make([]int32, q)
	r.frames = tensors.FromShape(shapes.Make(dtypes.Float16, q, c.FrameDim))
}

// read encodes the texts and copies the frames.
func (b *Builder) read(videos []corpus.Video) (*reading, error) { return b.readFrames(videos, 0) }

// readFrames is read with room for q frames, where videos are packed; see layFrames.
func (b *Builder) readFrames(videos []corpus.Video, q int) (*reading, error) {
	c := b.config
	if len(videos) == 0 {
		return nil, errors.New("batch: no videos")
	}
	r := &reading{
		count: len(videos),
		ids:   make([]int32, 0, len(videos)*c.text()),
		mask:  make([]int32, 0, len(videos)*c.text()),
	}
	videos = slices.Clone(videos)
	for i := range videos {
		if err := b.checkFrames(&videos[i]); err != nil {
			return nil, err
		}
		videos[i] = c.seen(videos[i])
		ids, mask := b.encode(&videos[i])
		r.ids, r.mask = append(r.ids, ids...), append(r.mask, mask...)
	}
	b.layFrames(r, videos, q)
	var fault error
	err := r.frames.MutableBytes(func(data []byte) {
		width := 2 * c.FrameDim
		for i := range videos {
			at := r.start[i]
			for k, from := range corpus.SampleFrames(videos[i].NumFrames, c.MaxFrames) {
				frame := videos[i].Frames[from*width : (from+1)*width]
				if !corpus.Finite(frame) && fault == nil {
					fault = fmt.Errorf("batch: video %d: frame %d has a value that is not finite", videos[i].ID, from)
				}
				copy(data[(at+k)*width:], frame)
				r.frameMask[at+k] = 1
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("batch: frames: %w", err)
	}
	return r, fault
}

// checkFrames compares the bytes of a video's frames with their number and width.
func (b *Builder) checkFrames(v *corpus.Video) error {
	n, width := v.NumFrames, b.config.FrameDim
	switch {
	case n >= 0 && len(v.Frames) == n*width*2:
		return nil
	case n > 0 && len(v.Frames)%(2*n) == 0:
		return fmt.Errorf("batch: video %d: its frames are %d wide, frame_dim is %d", v.ID, len(v.Frames)/(2*n), width)
	}
	return fmt.Errorf("batch: video %d: %d bytes of frames are not %d frames of width %d", v.ID, len(v.Frames), n, width)
}

// idsOf returns the videos' ids, for messages about a batch.
func idsOf(videos []corpus.Video) []int64 {
	ids := make([]int64, len(videos))
	for i, v := range videos {
		ids[i] = v.ID
	}
	return ids
}

// classes returns the classes of a video's tags: each once, tags that are not in the list dropped, ascending.
func (b *Builder) classes(tags []int64) []int32 {
	var list []int32
	for _, tag := range tags {
		if class, ok := b.class[tag]; ok {
			list = append(list, class)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
