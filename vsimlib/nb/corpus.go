// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/tokenizer"
)

// Part is what one part of the corpus holds.
type Part struct {
	Part       string  `json:"part"`
	Records    int     `json:"records"`
	Frames     int     `json:"frames"`
	FramesMax  int     `json:"frames_max"`
	TitleChars float64 `json:"title_chars_mean"`
	Tags       int     `json:"tags"`
	Pairs      int     `json:"pairs"`
	PairVideos int     `json:"videos_in_pairs"`
}

// Corpus reads and checks every record of the corpus and counts what is there.
func Corpus() ([]Part, error) {
	p, err := where()
	if err != nil {
		return nil, err
	}
	report, err := corpus.Check(p.corpus)
	if err != nil {
		return nil, err
	}
	if report.ErrorCount > 0 {
		return nil, fmt.Errorf("%d problems, the first: %w", report.ErrorCount, report.Errors[0])
	}
	var list []Part
	for _, name := range []string{"pointwise", "pairwise", "test_a", "test_b"} {
		r := report.Parts[name]
		if r == nil {
			continue
		}
		part := Part{Part: name, Records: r.Records, Frames: r.Frames, FramesMax: r.FramesMax, TitleChars: r.TitleCharsMean, Tags: r.Tags}
		if r.Pairs != nil {
			part.Pairs, part.PairVideos = r.Pairs.Pairs, r.Pairs.Videos
		}
		list = append(list, part)
	}
	return list, nil
}

// record is a video as Record shows it.
type record struct {
	ID     int64  `json:"id"`
	Title  string `json:"title"`
	Words  string `json:"word pieces"`
	Frames string `json:"frame_feature"`
	First  string `json:"first frame begins"`
	Tags   string `json:"tag_id"`
}

// Record shows one video of a part, found by its title: its picture, and what of it goes into the model.
func Record(part, title string) error {
	p, err := where()
	if err != nil {
		return err
	}
	c, err := corpus.Open(p.corpus)
	if err != nil {
		return err
	}
	set, err := c.Part(part)
	if err != nil {
		return err
	}
	v, err := byTitle(set, title)
	if err != nil {
		return fmt.Errorf("%s: %w", part, err)
	}
	words, err := pieces(c.VocabPath(), v.Title)
	if err != nil {
		return err
	}
	shown := record{ID: v.ID, Title: v.Title, Words: words, Frames: "none", Tags: p.tagNames(v.Tags)}
	if v.NumFrames > 0 {
		shown.Frames = fmt.Sprintf("%d frames of %d float16", v.NumFrames, len(v.Frames)/2/v.NumFrames)
		shown.First = floats(v.Frames, 6) + " …"
	}
	if sheet, err := p.thumbs(); err == nil {
		if picture, ok := sheet.picture(v.ID, 2*thumbSize); ok {
			var data bytes.Buffer
			if err := png.Encode(&data, picture); err != nil {
				return err
			}
			showPNG(data.Bytes(), "The clip's picture: "+v.Title+".", "thumbnail")
		}
	}
	return Table(shown)
}

// byTitle finds the first video of a set with a title.
func byTitle(set *corpus.Set, title string) (corpus.Video, error) {
	for i := range set.Len() {
		v, err := set.Video(i)
		if err != nil {
			return v, err
		}
		if v.Title == title {
			return v, nil
		}
	}
	return corpus.Video{}, fmt.Errorf("no video has the title %q", clean(title))
}

// pieces are the word pieces of a title, each with its id.
func pieces(vocab, title string) (string, error) {
	tokens, err := tokenizer.LoadVocab(vocab)
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(vocab)
	if err != nil {
		return "", err
	}
	lines := strings.Split(string(data), "\n")
	var list []string
	for _, id := range tokens.Tokenize(title) {
		list = append(list, fmt.Sprintf("%s (%d)", strings.TrimSpace(lines[id]), id))
	}
	return strings.Join(list, " "), nil
}

// floats writes the first n float16 of a frame.
func floats(frames []byte, n int) string {
	var list []string
	for i := 0; i < n && 2*i+1 < len(frames); i++ {
		list = append(list, fmt.Sprintf("%.3f", half(binary.LittleEndian.Uint16(frames[2*i:]))))
	}
	return strings.Join(list, " ")
}

// half is the value of a finite float16.
func half(bits uint16) float64 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	value := math.Ldexp(1024+fraction, exponent-25)
	if exponent == 0 {
		value = math.Ldexp(fraction, -24)
	}
	if bits>>15 == 1 {
		return -value
	}
	return value
}

// tagNames writes tags by their names where the corpus has them (tag_names.tsv: id TAB name TAB count).
func (p place) tagNames(tags []int64) string {
	names := map[string]string{}
	if data, err := os.ReadFile(filepath.Join(p.corpus, "tag_names.tsv")); err == nil {
		for line := range strings.Lines(string(data)) {
			if fields := strings.Split(line, "\t"); len(fields) >= 2 {
				names[fields[0]] = fields[1]
			}
		}
	}
	list := []string{}
	for _, tag := range tags {
		id := strconv.FormatInt(tag, 10)
		if name, ok := names[id]; ok {
			id = name + " (" + id + ")"
		}
		list = append(list, id)
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
