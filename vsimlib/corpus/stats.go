// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"cmp"
	"math"
	"strconv"
	"unicode/utf8"

	"vsim/vsimlib/components"
	"vsim/vsimlib/corpus/fault"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/tfrecord"
)

// PartReport is the counts and statistics of the good records and lines of one part.
type PartReport struct {
	Files   int   `json:"files"`
	Bytes   int64 `json:"bytes"` // of the record files
	Records int   `json:"records"`

	Frames     int     `json:"frames"`
	FramesMin  int     `json:"frames_min"`
	FramesMean float64 `json:"frames_mean"`
	FramesMax  int     `json:"frames_max"`
	NoFrames   int     `json:"records_without_frames"`

	// Frames that say nothing of a picture are legal and counted; of those of zeros, which have no direction, the first is named.
	ZeroFrames     int      `json:"zero_frames"`
	ConstantFrames int      `json:"constant_frames"` // all values equal, and not zero
	FirstZero      *Problem `json:"first_zero_frame,omitempty"`

	TitleCharsMean float64 `json:"title_chars_mean"`
	TitleCharsMax  int     `json:"title_chars_max"`
	NoTitle        int     `json:"records_without_title"`
	ASRCharsMean   float64 `json:"asr_chars_mean"`
	ASRCharsMax    int     `json:"asr_chars_max"`
	NoASR          int     `json:"records_without_asr"`

	Tags         int `json:"tags"` // uses, tags outside the list too
	TagsListed   int `json:"tags_listed"`
	TagsDistinct int `json:"tags_distinct"`
	NoTag        int `json:"records_without_tag"`
	NoListedTag  int `json:"records_without_listed_tag"`
	Categories   int `json:"categories_distinct"`

	Pairs *PairReport `json:"pairs,omitempty"` // absent where the part has no label.tsv
}

// PairReport is the counts and statistics of the good lines of a label file.
type PairReport struct {
	Pairs              int            `json:"pairs"`
	Videos             int            `json:"videos"` // distinct ids
	ScoreMean          float64        `json:"score_mean"`
	ScoreSD            float64        `json:"score_sd"`
	Levels             map[string]int `json:"levels,omitempty"` // score -> pairs; absent where scores have more than maxLevels values
	UnknownIDs         int            `json:"unknown_ids"`      // lines with an id that no record has: errors
	Repeated           int            `json:"repeated"`         // lines with the pair of an earlier line, in the same order
	Reversed           int            `json:"reversed"`         // ... in the other order
	Self               int            `json:"self"`             // pairs of a video with itself
	Components         int            `json:"components"`
	LargestComponent   int            `json:"largest_component_pairs"`
	ComponentMaxVideos int            `json:"largest_component_videos"`
}

// maxLevels bounds the histogram of scores; the competition has 21 levels.
const maxLevels = 101

// recordStats gathers one file's records.
type recordStats struct {
	report               PartReport
	titleChars, asrChars int
	tags, categories     map[int64]struct{}
}

func newRecordStats() *recordStats {
	return &recordStats{tags: map[int64]struct{}{}, categories: map[int64]struct{}{}}
}

// frames counts the frames of a record at e in file that say nothing.
func (s *recordStats) frames(file string, e tfrecord.Entry, v schema.View) {
	r := &s.report
	for i, frame := range v.Frames {
		equal, zero := schema.Uniform(frame)
		if zero && r.FirstZero == nil {
			r.FirstZero = fault.OfRecord(file, e, "frame %d of video %d has only zeros", i, v.ID)
		}
		r.ZeroFrames += count(zero)
		r.ConstantFrames += count(equal && !zero)
	}
}

// add counts one record; listed says which tags are in tag_list.txt.
func (s *recordStats) add(v schema.View, listed map[int64]struct{}) {
	r := &s.report
	n := len(v.Frames)
	if r.Records == 0 || n < r.FramesMin {
		r.FramesMin = n
	}
	r.Records++
	r.Frames += n
	r.FramesMax = max(r.FramesMax, n)
	r.NoFrames += count(n == 0)

	title, asr := utf8.RuneCount(v.Title), utf8.RuneCount(v.ASR)
	s.titleChars += title
	s.asrChars += asr
	r.TitleCharsMax, r.ASRCharsMax = max(r.TitleCharsMax, title), max(r.ASRCharsMax, asr)
	r.NoTitle += count(title == 0)
	r.NoASR += count(asr == 0)

	known := 0
	for _, tag := range v.Tags {
		s.tags[tag] = struct{}{}
		if _, ok := listed[tag]; ok {
			known++
		}
	}
	r.Tags += len(v.Tags)
	r.TagsListed += known
	r.NoTag += count(len(v.Tags) == 0)
	r.NoListedTag += count(known == 0)
	if v.Category != 0 {
		s.categories[v.Category] = struct{}{}
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// merge adds another file of the same part.
func (s *recordStats) merge(o *recordStats) {
	r, q := &s.report, &o.report
	if r.Records == 0 || (q.Records > 0 && q.FramesMin < r.FramesMin) {
		r.FramesMin = q.FramesMin
	}
	r.Records += q.Records
	r.Frames += q.Frames
	r.FramesMax = max(r.FramesMax, q.FramesMax)
	r.NoFrames += q.NoFrames
	r.ZeroFrames += q.ZeroFrames
	r.ConstantFrames += q.ConstantFrames
	r.FirstZero = cmp.Or(r.FirstZero, q.FirstZero)
	s.titleChars += o.titleChars
	s.asrChars += o.asrChars
	r.TitleCharsMax, r.ASRCharsMax = max(r.TitleCharsMax, q.TitleCharsMax), max(r.ASRCharsMax, q.ASRCharsMax)
	r.NoTitle += q.NoTitle
	r.NoASR += q.NoASR
	r.Tags += q.Tags
	r.TagsListed += q.TagsListed
	r.NoTag += q.NoTag
	r.NoListedTag += q.NoListedTag
	for tag := range o.tags {
		s.tags[tag] = struct{}{}
	}
	for category := range o.categories {
		s.categories[category] = struct{}{}
	}
}

// finish fills in the means and the numbers of distinct values.
func (s *recordStats) finish() *PartReport {
	r := &s.report
	if n := float64(r.Records); n > 0 {
		r.FramesMean, r.TitleCharsMean, r.ASRCharsMean = float64(r.Frames)/n, float64(s.titleChars)/n, float64(s.asrChars)/n
	}
	r.TagsDistinct, r.Categories = len(s.tags), len(s.categories)
	return r
}

// pairStats gathers the statistics of pairs whose videos are known.
func pairStats(pairs []Pair) *PairReport {
	r := &PairReport{Pairs: len(pairs), Levels: map[string]int{}}
	seen, sum := make(map[[2]int64]struct{}, len(pairs)), 0.0
	for _, p := range pairs {
		sum += p.Score
		_, again := seen[[2]int64{p.A, p.B}]
		_, turned := seen[[2]int64{p.B, p.A}]
		switch {
		case again:
			r.Repeated++
		case turned:
			r.Reversed++
		}
		seen[[2]int64{p.A, p.B}] = struct{}{}
		r.Self += count(p.A == p.B)
		if r.Levels != nil {
			r.Levels[strconv.FormatFloat(p.Score, 'f', -1, 64)]++
		}
		if len(r.Levels) > maxLevels {
			r.Levels = nil
		}
	}
	if n := float64(len(pairs)); n > 0 {
		r.ScoreMean = sum / n
		for _, p := range pairs {
			r.ScoreSD += (p.Score - r.ScoreMean) * (p.Score - r.ScoreMean) / n
		}
		r.ScoreSD = math.Sqrt(r.ScoreSD)
	}
	g := components.New()
	for _, p := range pairs {
		g.Join(p.A, p.B)
	}
	_, largest := g.Largest()
	r.Videos, r.Components, r.LargestComponent, r.ComponentMaxVideos = g.Nodes(), g.Count(), largest.Edges, largest.Nodes
	return r
}
