// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/half"
	"vsim/vsimlib/results"
)

// CorpusParts reads and checks every record of a corpus and counts what its parts have. A fault of the corpus is an error.
func CorpusParts(dir string) ([]results.CorpusPart, error) {
	report, err := corpus.Check(dir)
	if err != nil {
		return nil, err
	}
	if report.ErrorCount > 0 {
		return nil, fmt.Errorf("%d problems, the first: %w", report.ErrorCount, report.Errors[0])
	}
	var list []results.CorpusPart
	for _, name := range competition.Parts() {
		r := report.Parts[name]
		if r == nil {
			continue
		}
		part := results.CorpusPart{Part: name, Records: r.Records, Frames: r.Frames, FramesMax: r.FramesMax,
			TitleChars: r.TitleCharsMean, Tags: r.Tags}
		if r.Pairs != nil {
			part.Pairs, part.PairVideos = r.Pairs.Pairs, r.Pairs.Videos
		}
		list = append(list, part)
	}
	return list, nil
}

// Video describes the first video of that title in a part of the corpus.
func (s *Source) Video(part, title string) (results.Video, error) {
	v, err := s.Find(part, title)
	if err != nil {
		return results.Video{}, err
	}
	out := results.Video{ID: v.ID, Title: v.Title, Name: s.Names[v.ID], Words: s.pieces(v.Title), Frames: "none",
		Tags: s.writeTags(v.Tags)}
	if v.NumFrames > 0 {
		out.Frames = fmt.Sprintf("%d frames of %d float16", v.NumFrames, len(v.Frames)/2/v.NumFrames)
		out.First = floats(v.Frames, 6) + " …"
	}
	return out, nil
}

// pieces are the word pieces of a title, each with its id.
func (s *Source) pieces(title string) string {
	var list []string
	for _, id := range s.Tokenizer.Tokenize(title) {
		list = append(list, fmt.Sprintf("%s (%d)", s.Tokenizer.Spelling(id), id))
	}
	return strings.Join(list, " ")
}

// writeTags writes tags by their names.
func (s *Source) writeTags(tags []int64) string {
	var list []string
	for _, tag := range tags {
		list = append(list, s.TagName(tag))
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// TagName writes a tag by its name and id where the corpus has names (tag_names.tsv: id TAB name TAB count), else by its id.
func (s *Source) TagName(tag int64) string {
	id := strconv.FormatInt(tag, 10)
	if name, ok := s.readTagNames()[id]; ok {
		return name + " (" + id + ")"
	}
	return id
}

// readTagNames are the names of tags by id; a corpus need not have any.
func (s *Source) readTagNames() map[string]string {
	if s.tagNames != nil {
		return s.tagNames
	}
	s.tagNames = map[string]string{}
	if data, err := filetype.ReadFile(filepath.Join(s.Corpus.Dir(), competition.TagNamesFile)); err == nil {
		for line := range strings.Lines(string(data)) {
			if fields := strings.Split(line, "\t"); len(fields) >= 2 {
				s.tagNames[fields[0]] = fields[1]
			}
		}
	}
	return s.tagNames
}

// floats writes the first n float16 of a frame.
func floats(frames []byte, n int) string {
	var list []string
	for i := 0; i < n && 2*i+1 < len(frames); i++ {
		list = append(list, fmt.Sprintf("%.3f", half.Float32(binary.LittleEndian.Uint16(frames[2*i:]))))
	}
	return strings.Join(list, " ")
}
