// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/outdir"
)

// The kinds of corpora.
const (
	Controlled  = "controlled"
	Competition = "competition"
)

// Sizes of a corpus: the defaults, and the limits of what may be asked for.
const (
	DefaultPointwise = 20_000
	DefaultPairs     = 4_000
	MaxPointwise     = 10_000_000
	MinPairs         = 200       // fewer have no giant component and no share of the rarest label level
	MaxPairs         = 1_000_000 // about 150 bytes of memory each while they are made, 300 for Controlled
)

// What every controlled corpus has, whatever its sizes.
const (
	ControlledTags       = tagCount // lines of tag_list.txt
	ControlledTestVideos = 1500
)

// Options of a corpus.
type Options struct {
	Out       string // directory: absent, empty or, with Force, a generated corpus
	Like      string // Controlled | Competition
	Pointwise int    // videos to pretrain on; 0 leaves the part out
	// Pairs is the labelled pairs of the pairwise part; 0 leaves the part out. Its videos are 5/8 of that (Controlled) or
	// 63,613/67,899 of it (Competition). The test part has half as many pairs (Competition), or always 4,000 pairs of 1,500 videos
	// (Controlled), so that scores of corpora of different sizes can be compared.
	Pairs  int
	Seed   int64
	Owned  bool                               // Out is in a directory of vsim's own: all that is in it is a corpus, damaged or not
	Force  bool                               // remove the generated corpus in Out first, and nothing else
	Report func(part string, done, total int) // videos of a part, may be nil

	// ASR gives the videos of Controlled speech, with all else as without it; Competition always has it.
	ASR bool

	// For tests: a multiple of blockValues, and pairs of the test part, instead of the kind's own.
	frameDim, testPairs int
}

// Part is what was written of a part.
type Part struct {
	Files  int   `json:"files"` // of records
	Videos int   `json:"videos"`
	Pairs  int   `json:"pairs,omitempty"`
	Bytes  int64 `json:"bytes"` // records and labels
}

// Result is what was written.
type Result struct {
	Like  string          `json:"like"`
	Seed  int64           `json:"seed"`
	Bytes int64           `json:"bytes"` // of all files
	Parts map[string]Part `json:"parts"`

	Before bool `json:"-"` // it was written before, with the same options
}

// Validate tells the first option that is out of range, under its name as a flag.
func (o Options) Validate() error {
	switch {
	case o.Like != Controlled && o.Like != Competition:
		return fmt.Errorf("like: %q is unknown, want %s or %s", o.Like, Controlled, Competition)
	case o.ASR && o.Like != Controlled:
		return fmt.Errorf("asr: %s has speech without being asked", o.Like)
	case o.Pointwise < 0 || o.Pointwise > MaxPointwise:
		return fmt.Errorf("pointwise: %d is outside [0,%d]", o.Pointwise, MaxPointwise)
	case o.Pairs != 0 && (o.Pairs < MinPairs || o.Pairs > MaxPairs):
		return fmt.Errorf("pairs: %d is neither 0 nor in [%d,%d]", o.Pairs, MinPairs, MaxPairs)
	case o.Pointwise == 0 && o.Pairs == 0:
		return fmt.Errorf("pairs: 0, as pointwise, which leaves nothing to write")
	}
	return nil
}

// world is one kind of corpus with everything in it that does not depend on sizes.
type world interface {
	// pointwise is n videos to pretrain on.
	pointwise(n int) section
	// paired is a part with labelled pairs.
	paired(part partKey, pairs int) section
	// testPairs is the number of pairs of the test part if the pairwise part has pairs.
	testPairs(pairs int) (n int)
	// tags are the ids of tag_list.txt, the most frequent first; vocab is the lines of vocab.txt.
	tags() []int64
	vocab() []string
}

// section is one part that is to be written.
type section struct {
	videos int
	links  []link
	id     func(i int) int64
	// fill makes all else of video i, in the memory that v has; it may be called by several goroutines.
	fill func(i int, v *corpus.Video)
}

// link is a labelled pair of videos, by their indices in the part.
type link struct {
	a, b  int32
	level uint8 // twentieths
}

// Write writes a corpus. The directory appears whole or not at all: if anything fails, or the process is killed, what was there
// before is there.
func Write(ctx context.Context, o Options) (r Result, err error) {
	if err := o.Validate(); err != nil {
		return r, fmt.Errorf("synth: %w", err)
	}
	own := kind
	if o.Owned {
		own.Made = func(string) bool { return true }
	}
	switch made, err := outdir.Check(o.Out, own); {
	case err != nil:
		return r, fmt.Errorf("synth: %w", err)
	case made && !o.Force:
		return o.doneBefore()
	}
	err = manifest.BuildFrom(o.Out, own, o.Force, func(aside string) (*manifest.Origin, error) {
		if r, err = o.write(ctx, &folder{dir: aside}); err != nil {
			return nil, err
		}
		return manifest.NewOrigin(o.settings(), r)
	})
	if err != nil {
		return r, fmt.Errorf("synth: %w", err)
	}
	return r, nil
}

// generator is the number of what the options generate. Raise it where the same options give other bytes.
const generator = "generator 1"

// settings is all that decides the files.
func (o Options) settings() []string {
	return []string{generator, fmt.Sprintf("like %s pointwise %d pairs %d seed %d", o.Like, o.Pointwise, o.Pairs, o.Seed),
		fmt.Sprintf("asr %t frame_dim %d test_pairs %d", o.ASR, o.frameDim, o.testPairs)}
}

// doneBefore returns what was written before, where the corpus was generated with the same options; else an error.
func (o Options) doneBefore() (r Result, err error) {
	done, err := manifest.DoneBefore(o.Out, o.settings(), &r)
	if err != nil {
		return Result{}, fmt.Errorf("synth: %s: is not empty; --force replaces the corpus in it (%w)", o.Out, err)
	}
	if !done {
		return Result{}, fmt.Errorf("synth: %s: is not empty; --force replaces the corpus in it", o.Out)
	}
	r.Before = true
	return r, nil
}

// write writes the files.
func (o Options) write(ctx context.Context, f *folder) (Result, error) {
	r := Result{Like: o.Like, Seed: o.Seed, Parts: map[string]Part{}}
	var w world
	if o.Like == Controlled {
		c := newControlled(o.Seed)
		c.asr = o.ASR
		w = c
	} else {
		w = newPublished(o.Seed, o.frameDim)
	}
	if err := writeTexts(f, w); err != nil {
		return r, err
	}
	for _, p := range parts(w, o) {
		if err := p.write(ctx, f, o.Report); err != nil {
			return r, err
		}
		r.Parts[p.name] = p.done
	}
	r.Bytes = f.bytes
	return r, nil
}

// writeTexts writes tag_list.txt and vocab.txt.
func writeTexts(f *folder, w world) error {
	var tags, words []byte
	for _, tag := range w.tags() {
		tags = append(strconv.AppendInt(tags, tag, 10), '\n')
	}
	for _, word := range w.vocab() {
		words = append(append(words, word...), '\n')
	}
	if _, err := f.text(competition.TagListFile, tags); err != nil {
		return err
	}
	_, err := f.text(competition.VocabFile, words)
	return err
}

// partWriter writes one part.
type partWriter struct {
	name, stem string // stem: of the record files
	section    func() section
	labels     bool // records have tag_id and category_id
	done       Part
}

// parts are the parts that the options ask for.
func parts(w world, o Options) []*partWriter {
	var list []*partWriter
	if o.Pointwise > 0 {
		list = append(list, &partWriter{name: competition.Pointwise, stem: "pretrain_%d", labels: true,
			section: func() section { return w.pointwise(o.Pointwise) }})
	}
	if o.Pairs > 0 {
		list = append(list, &partWriter{name: competition.Pairwise, stem: competition.Pairwise, labels: true,
			section: func() section { return w.paired(pairwisePart, o.Pairs) }})
	}
	if n := cmp.Or(o.testPairs, w.testPairs(o.Pairs)); n > 0 {
		list = append(list, &partWriter{name: competition.TestA, stem: competition.TestA,
			section: func() section { return w.paired(testPart, n) }})
	}
	return list
}

// write writes the record files, then the labels.
func (p *partWriter) write(ctx context.Context, f *folder, report func(string, int, int)) error {
	s := p.section()
	each := func(done int) {
		if report != nil {
			report(p.name, done, s.videos)
		}
	}
	perFile := s.videos
	if s.links == nil {
		perFile = recordsPerFile
	}
	for from := 0; from < s.videos; from += perFile {
		stem := p.stem
		if s.links == nil {
			stem = fmt.Sprintf(p.stem, p.done.Files)
		}
		n, err := f.records(ctx, filepath.Join(p.name, stem+".tfrecords"), s, from, min(from+perFile, s.videos), p.labels, each)
		if err != nil {
			return err
		}
		p.done.Files, p.done.Bytes = p.done.Files+1, p.done.Bytes+n
	}
	p.done.Videos, p.done.Pairs = s.videos, len(s.links)
	if s.links == nil {
		return nil
	}
	n, err := f.text(filepath.Join(p.name, competition.LabelFile), labelLines(s))
	p.done.Bytes += n
	return err
}

// labelLines is the label file of a part: id1 TAB id2 TAB score.
func labelLines(s section) []byte {
	ids := make([]int64, s.videos)
	for i := range ids {
		ids[i] = s.id(i)
	}
	var lines []byte
	for _, l := range s.links {
		lines = append(strconv.AppendInt(lines, ids[l.a], 10), '\t')
		lines = append(strconv.AppendInt(lines, ids[l.b], 10), '\t')
		lines = append(strconv.AppendFloat(lines, float64(l.level)/levelSteps, 'f', 2, 64), '\n')
	}
	return lines
}
