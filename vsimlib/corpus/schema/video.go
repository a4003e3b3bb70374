// SPDX-License-Identifier: Apache-2.0

// Package schema fixes what a corpus may hold: a record ([Parse]) and a line of label.tsv ([ParsePair]). It says what is wrong with
// them; where they are in their files is for its callers to add.
package schema

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"vsim/vsimlib/text"
	"vsim/vsimlib/tfrecord"
)

// Video is one record.
type Video struct {
	ID        int64
	Title     string
	ASRText   string
	Frames    []byte // NumFrames * frame_dim little-endian float16, frame by frame
	NumFrames int
	Tags      []int64 // as in the record, tags outside tag_list.txt too; nil if it has none
	Category  int64   // 0 where the record has none
}

// View is a record that Parse found good; its slices alias the record's data.
type View struct {
	ID       int64
	Title    []byte
	ASR      []byte
	Frames   [][]byte
	Tags     []int64
	Category int64
}

// Parse takes a record apart and says what is wrong with it, "" if nothing is. frameDim 0 allows any width.
func Parse(e *tfrecord.Example, frameDim int) (v View, reason string) {
	id, reason := single(e, "id")
	if reason != "" {
		return v, reason
	}
	if id == nil {
		return v, "feature id is missing"
	}
	var ok bool
	if v.ID, ok = parseID(id); !ok {
		return v, fmt.Sprintf("id %s is not the ASCII decimal of an int63", text.Quote(id))
	}
	if e.Get("title") == nil {
		return v, "feature title is missing"
	}
	if v.Title, reason = single(e, "title"); reason != "" {
		return v, reason
	}
	if v.ASR, reason = single(e, "asr_text"); reason != "" {
		return v, reason
	}
	if !utf8.Valid(v.Title) {
		return v, fmt.Sprintf("title %s is not UTF-8", text.Quote(v.Title))
	}
	if !utf8.Valid(v.ASR) {
		return v, fmt.Sprintf("asr_text %s is not UTF-8", text.Quote(v.ASR))
	}
	if v.Tags, reason = integers(e, "tag_id"); reason != "" {
		return v, reason
	}
	category, reason := integers(e, "category_id")
	if reason != "" {
		return v, reason
	}
	if len(category) > 1 {
		return v, fmt.Sprintf("category_id has %d values, want 1", len(category))
	}
	if len(category) == 1 {
		v.Category = category[0]
	}
	v.Frames, reason = frameValues(e, frameDim)
	return v, reason
}

// feature is the feature of that name, which must be of a kind; nil where it is absent or holds no list.
func feature(e *tfrecord.Example, name string, kind tfrecord.Kind) (*tfrecord.Feature, string) {
	f := e.Get(name)
	if f == nil || f.Kind == tfrecord.None {
		return nil, ""
	}
	if f.Kind != kind {
		return nil, fmt.Sprintf("%s is of kind %v, want %v", name, f.Kind, kind)
	}
	return f, ""
}

// single is the one value of a bytes feature; a feature that is absent or holds no value gives nil.
func single(e *tfrecord.Example, name string) ([]byte, string) {
	f, reason := feature(e, name, tfrecord.BytesList)
	if f == nil || len(f.Bytes) == 0 {
		return nil, reason
	}
	if len(f.Bytes) > 1 {
		return nil, fmt.Sprintf("%s has %d values, want 1", name, len(f.Bytes))
	}
	return f.Bytes[0], ""
}

// integers are the values of an integer feature, none where it is absent.
func integers(e *tfrecord.Example, name string) ([]int64, string) {
	f, reason := feature(e, name, tfrecord.Int64List)
	if f == nil {
		return nil, reason
	}
	return f.Ints, ""
}

// Width is the number of float16 in the first frame of a record that has an even number of bytes, 0 if there is none.
func Width(e *tfrecord.Example) int {
	f := e.Get("frame_feature")
	if f == nil {
		return 0
	}
	for _, frame := range f.Bytes {
		if n := len(frame); n > 0 && n%2 == 0 {
			return n / 2
		}
	}
	return 0
}

// frameValues are the frames, all of one width and finite.
func frameValues(e *tfrecord.Example, frameDim int) ([][]byte, string) {
	f, reason := feature(e, "frame_feature", tfrecord.BytesList)
	if f == nil {
		return nil, reason
	}
	for i, frame := range f.Bytes {
		if frameDim > 0 && len(frame) != 2*frameDim {
			return nil, fmt.Sprintf("frame %d has %d bytes, want %d (%d float16, the width of the corpus's first frame)", i, len(frame),
				2*frameDim, frameDim)
		}
		if len(frame) == 0 || len(frame)%2 != 0 {
			return nil, fmt.Sprintf("frame %d has %d bytes, which is no positive number of float16", i, len(frame))
		}
		if at := notFinite(frame); at >= 0 {
			return nil, fmt.Sprintf("frame %d holds NaN or Inf as value %d", i, at)
		}
	}
	return f.Bytes, ""
}

// CopyTo copies the record out of the buffer, into the memory that v holds.
func (r View) CopyTo(v *Video) {
	v.ID, v.Title, v.ASRText, v.NumFrames, v.Category = r.ID, string(r.Title), string(r.ASR), len(r.Frames), r.Category
	v.Tags, v.Frames = append(v.Tags[:0], r.Tags...), v.Frames[:0]
	if len(r.Frames) > 0 {
		v.Frames = slices.Grow(v.Frames, len(r.Frames)*len(r.Frames[0]))
	}
	for _, frame := range r.Frames {
		v.Frames = append(v.Frames, frame...)
	}
}

// AppendVideo appends the record of v in the competition's schema to dst. Without labels, tag_id and category_id are left out, as
// in the tests.
func AppendVideo(dst []byte, v Video, labels bool) ([]byte, error) {
	if v.NumFrames < 0 || (v.NumFrames == 0) != (len(v.Frames) == 0) || (v.NumFrames > 0 && len(v.Frames)%(2*v.NumFrames) != 0) {
		return dst, fmt.Errorf("corpus: video %d: %d bytes do not divide into %d frames of float16", v.ID, len(v.Frames), v.NumFrames)
	}
	frames := make([][]byte, v.NumFrames)
	for i := range frames {
		n := len(v.Frames) / v.NumFrames
		frames[i] = v.Frames[i*n : (i+1)*n]
	}
	features := []tfrecord.Feature{
		tfrecord.BytesFeature("id", strconv.AppendInt(nil, v.ID, 10)),
		tfrecord.BytesFeature("title", []byte(v.Title)),
		tfrecord.BytesFeature("asr_text", []byte(v.ASRText)),
		tfrecord.BytesFeature("frame_feature", frames...),
	}
	if labels {
		features = append(features, tfrecord.Int64Feature("category_id", v.Category))
		if len(v.Tags) > 0 {
			features = append(features, tfrecord.Int64Feature("tag_id", v.Tags...))
		}
	}
	return tfrecord.AppendExample(dst, features)
}
