// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

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

// view is a record that parse found good; its slices alias the record's data.
type view struct {
	id       int64
	title    []byte
	asr      []byte
	frames   [][]byte
	tags     []int64
	category int64
}

// parse takes a record apart and says what is wrong with it, "" if nothing is. frameDim 0 allows any width.
func parse(e *tfrecord.Example, frameDim int) (v view, reason string) {
	id, reason := single(e, "id")
	if reason != "" {
		return v, reason
	}
	if id == nil {
		return v, "feature id is missing"
	}
	var ok bool
	if v.id, ok = parseID(id); !ok {
		return v, fmt.Sprintf("id %s is not the ASCII decimal of an int63", quote(id))
	}
	if e.Get("title") == nil {
		return v, "feature title is missing"
	}
	if v.title, reason = single(e, "title"); reason != "" {
		return v, reason
	}
	if v.asr, reason = single(e, "asr_text"); reason != "" {
		return v, reason
	}
	if !utf8.Valid(v.title) {
		return v, fmt.Sprintf("title %s is not UTF-8", quote(v.title))
	}
	if !utf8.Valid(v.asr) {
		return v, fmt.Sprintf("asr_text %s is not UTF-8", quote(v.asr))
	}
	if v.tags, reason = integers(e, "tag_id"); reason != "" {
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
		v.category = category[0]
	}
	v.frames, reason = frameValues(e, frameDim)
	return v, reason
}

// single is the one value of a bytes feature; a feature that is absent or holds no value gives nil.
func single(e *tfrecord.Example, name string) ([]byte, string) {
	f := e.Get(name)
	if f == nil || f.Kind == tfrecord.None {
		return nil, ""
	}
	if f.Kind != tfrecord.BytesList {
		return nil, fmt.Sprintf("%s is of kind %v, want bytes_list", name, f.Kind)
	}
	if len(f.Bytes) > 1 {
		return nil, fmt.Sprintf("%s has %d values, want 1", name, len(f.Bytes))
	}
	if len(f.Bytes) == 0 {
		return nil, ""
	}
	return f.Bytes[0], ""
}

// integers are the values of an integer feature, none where it is absent.
func integers(e *tfrecord.Example, name string) ([]int64, string) {
	f := e.Get(name)
	if f == nil || f.Kind == tfrecord.None {
		return nil, ""
	}
	if f.Kind != tfrecord.Int64List {
		return nil, fmt.Sprintf("%s is of kind %v, want int64_list", name, f.Kind)
	}
	return f.Ints, ""
}

// frameValues are the frames, all of one width and finite.
func frameValues(e *tfrecord.Example, frameDim int) ([][]byte, string) {
	f := e.Get("frame_feature")
	if f == nil || f.Kind == tfrecord.None {
		return nil, ""
	}
	if f.Kind != tfrecord.BytesList {
		return nil, fmt.Sprintf("frame_feature is of kind %v, want bytes_list", f.Kind)
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

// Finite reports whether little-endian float16 values are neither infinite nor NaN.
func Finite(frame []byte) bool { return notFinite(frame) < 0 }

// notFinite is the index of the first float16 whose exponent bits are all set, -1 if there is none.
func notFinite(b []byte) int {
	// Adding one to a full exponent, and to no other, carries into the sign. 32 values at a time.
	const exponent, one, carry = 0x7c007c007c007c00, 0x0400040004000400, 0x8000800080008000
	rest := b
	for ; len(rest) >= 64; rest = rest[64:] {
		c := rest[:64:64]
		x := binary.LittleEndian.Uint64(c)&exponent + one
		y := binary.LittleEndian.Uint64(c[8:])&exponent + one
		x |= binary.LittleEndian.Uint64(c[16:])&exponent + one
		y |= binary.LittleEndian.Uint64(c[24:])&exponent + one
		x |= binary.LittleEndian.Uint64(c[32:])&exponent + one
		y |= binary.LittleEndian.Uint64(c[40:])&exponent + one
		x |= binary.LittleEndian.Uint64(c[48:])&exponent + one
		y |= binary.LittleEndian.Uint64(c[56:])&exponent + one
		if (x|y)&carry != 0 {
			break
		}
	}
	for i := len(b) - len(rest); i < len(b); i += 2 {
		if binary.LittleEndian.Uint16(b[i:])&0x7c00 == 0x7c00 {
			return i / 2
		}
	}
	return -1
}

// parseID reads the ASCII decimal of an int63, written as strconv writes it: no sign, no leading zeros.
func parseID(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 19 || (b[0] == '0' && len(b) > 1) {
		return 0, false
	}
	var id uint64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		id = 10*id + uint64(c-'0')
	}
	return int64(id), id <= math.MaxInt64
}

// quote shows the beginning of bytes that may be anything, on one line.
func quote(b []byte) string {
	const most = 60
	if len(b) > most {
		return strconv.QuoteToASCII(string(b[:most])) + "…"
	}
	return strconv.QuoteToASCII(string(b))
}

// copyTo copies the record out of the buffer, into the memory that v holds.
func (r view) copyTo(v *Video) {
	v.ID, v.Title, v.ASRText, v.NumFrames, v.Category = r.id, string(r.title), string(r.asr), len(r.frames), r.category
	v.Tags, v.Frames = append(v.Tags[:0], r.tags...), v.Frames[:0]
	if len(r.frames) > 0 {
		v.Frames = slices.Grow(v.Frames, len(r.frames)*len(r.frames[0]))
	}
	for _, frame := range r.frames {
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

// SampleFrames picks which of n frames are used where at most max fit: all, or else the midpoints of max equal strides,
// floor((i + 1/2) n / max).
//
// Differs: the released code takes round((i + 1/2) (n - 1) / max), which repeats frames and for n = max+1 picks none; the
// competition's videos have at most 32 frames, so there neither is ever used.
func SampleFrames(n, max int) []int {
	picked := make([]int, min(n, max))
	for i := range picked {
		picked[i] = i
		if n > max {
			picked[i] = (2*i + 1) * n / (2 * max)
		}
	}
	return picked
}
