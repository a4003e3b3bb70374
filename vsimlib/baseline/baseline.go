// SPDX-License-Identifier: Apache-2.0

// Package baseline scores labelled pairs without any model, by what the records hold. A model is compared with them
// to see what it adds.
package baseline

import (
	"fmt"
	"math"
	"slices"
	"unicode"

	"vsim/vsimlib/confidence"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/half"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/results"
)

// Names of the baselines.
const (
	Frames = "cosine of mean frames"
	Titles = "Jaccard index of title characters"
	Ranks  = "sum of both ranks"
	Tags   = "Jaccard index of tags"
)

// Scores scores pairs of videos by each baseline. One that gives all pairs the same value has no score and is left out, as the tags
// are where the records have none.
//
//	frames: cos(m_a, m_b), m the mean of a video's frames [R]; 0 where a video has none
//	titles: |A ∩ B| / |A ∪ B|, A and B the sets of the titles' characters without spaces; 0 where both are empty
//	tags:   likewise of the sets of tags
//	ranks:  r(frames) + r(titles), r the average ranks
func Scores(videos *corpus.Set, pairs []corpus.Pair) ([]results.Baseline, error) {
	of := map[int64]*video{}
	labels := schema.Scores(pairs)
	frames, titles, tags := make([]float64, len(pairs)), make([]float64, len(pairs)), make([]float64, len(pairs))
	for i, p := range pairs {
		a, err := read(videos, of, p.A)
		if err != nil {
			return nil, err
		}
		b, err := read(videos, of, p.B)
		if err != nil {
			return nil, err
		}
		frames[i], titles[i], tags[i] = cosine(a.frame, b.frame), jaccard(a.title, b.title), jaccard(a.tags, b.tags)
	}
	ranks := rank.Average(frames)
	for i, r := range rank.Average(titles) {
		ranks[i] += r
	}
	if err := rank.Check(labels); err != nil {
		return nil, fmt.Errorf("baseline: labels: %w", err)
	}
	shared := confidence.NewPairs(schema.Ends(pairs))
	var list []results.Baseline
	for _, b := range []struct {
		name   string
		values []float64
	}{{Frames, frames}, {Titles, titles}, {Ranks, ranks}, {Tags, tags}} {
		if rank.Check(b.values) != nil {
			continue
		}
		rho, standardError, err := confidence.Spearman(b.values, labels, shared)
		if err != nil {
			return nil, fmt.Errorf("baseline: %s: %w", b.name, err)
		}
		list = append(list, results.Baseline{Name: b.name, Spearman: rho, Error: standardError})
	}
	return list, nil
}

// video is what baselines need of a record.
type video struct {
	frame []float64 // the mean of the frames [R]; nil where there is none
	title []rune    // distinct characters, sorted
	tags  []int64   // distinct, sorted
}

// read reads a video once.
func read(videos *corpus.Set, known map[int64]*video, id int64) (*video, error) {
	if v, ok := known[id]; ok {
		return v, nil
	}
	i, ok := videos.Find(id)
	if !ok {
		return nil, fmt.Errorf("baseline: id %d of a pair is not among the records", id)
	}
	r, err := videos.Video(i)
	if err != nil {
		return nil, err
	}
	v := &video{frame: meanFrame(r), tags: distinct(slices.Clone(r.Tags))}
	for _, c := range r.Title {
		if !unicode.IsSpace(c) {
			v.title = append(v.title, c)
		}
	}
	v.title = distinct(v.title)
	known[id] = v
	return v, nil
}

// meanFrame is the mean of a video's frames [R].
func meanFrame(v corpus.Video) []float64 {
	if v.NumFrames == 0 {
		return nil
	}
	width := len(v.Frames) / 2 / v.NumFrames
	mean := make([]float64, width)
	for i := range width * v.NumFrames {
		bits := uint16(v.Frames[2*i]) | uint16(v.Frames[2*i+1])<<8
		mean[i%width] += float64(half.Float32(bits)) / float64(v.NumFrames)
	}
	return mean
}

// distinct sorts a list and takes out repeated values.
func distinct[T rune | int64](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}

// cosine is 0 where one of the vectors has no direction.
func cosine(a, b []float64) float64 {
	if a == nil || b == nil {
		return 0
	}
	var ab, aa, bb float64
	for i, v := range a {
		ab, aa, bb = ab+v*b[i], aa+v*v, bb+b[i]*b[i]
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// jaccard is the Jaccard index of two sets, each sorted and without repeated values.
func jaccard[T rune | int64](a, b []T) float64 {
	common, i := 0, 0
	for _, v := range b {
		for i < len(a) && a[i] < v {
			i++
		}
		if i < len(a) && a[i] == v {
			common++
		}
	}
	if all := len(a) + len(b) - common; all > 0 {
		return float64(common) / float64(all)
	}
	return 0
}
