// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus/fault"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/lines"
	"vsim/vsimlib/text"
	"vsim/vsimlib/tfrecord"
)

// Report is what Check found.
type Report struct {
	Dir      string                 `json:"dir"`
	FrameDim int                    `json:"frame_dim"` // 0: there are no frames
	TagList  int                    `json:"tag_list"`  // tags in tag_list.txt, 0 if there is none
	Vocab    int                    `json:"vocab"`     // lines of vocab.txt, 0 if there is none
	Parts    map[string]*PartReport `json:"parts"`
	// files and folders of the parts' folders that are not read; see Corpus.NotRead
	NotRead    []string   `json:"not_read"`
	Errors     []*Problem `json:"errors"`      // in the order of parts, files and offsets; at most 100 a file
	ErrorCount int        `json:"error_count"` // of all, listed or not
}

// checker gathers a report.
type checker struct {
	c      *Corpus
	report *Report
	listed map[int64]struct{}
}

// Check reads all of the corpus in dir. What is wrong with its records and lines is in the report; an error means that there is
// no corpus or that a file cannot be read.
func Check(dir string) (*Report, error) {
	c, err := openAny(dir)
	if err != nil {
		return nil, err
	}
	r := &Report{Dir: c.dir, Parts: map[string]*PartReport{}, NotRead: []string{}, Errors: []*Problem{}}
	r.NotRead = append(r.NotRead, c.files.notRead...)
	if r.FrameDim, err = c.width(); err != nil {
		return nil, err
	}
	k := &checker{c: c, report: r, listed: map[int64]struct{}{}}
	if err := k.texts(); err != nil {
		return nil, err
	}
	for _, part := range competition.Parts() {
		if err := k.part(part); err != nil {
			return nil, err
		}
	}
	k.listedProblems()
	return r, nil
}

func (k *checker) note(ps *fault.List) {
	slices.SortStableFunc(ps.Listed, func(a, b *Problem) int { return cmp.Compare(a.Offset, b.Offset) })
	k.report.Errors = append(k.report.Errors, ps.Listed...)
	k.report.ErrorCount += ps.Count
}

// texts checks tag_list.txt and vocab.txt.
func (k *checker) texts() error {
	var ps fault.List
	path := filepath.Join(k.c.dir, competition.TagListFile)
	err := scanTags(path, competition.TagListFile, func(tag int64) { k.listed[tag] = struct{}{} }, ps.Add)
	if err == nil && len(k.listed) == 0 && ps.Count == 0 {
		ps.Add(&Problem{File: competition.TagListFile, Reason: "no tags"})
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	k.report.TagList = len(k.listed)
	k.note(&ps)
	ps = fault.List{}
	path = filepath.Join(k.c.dir, competition.VocabFile)
	err = scanLines(path, competition.VocabFile, func(line []byte, at lines.Position, reason string) bool {
		k.report.Vocab++
		if reason == "" && !utf8.Valid(line) {
			reason = fmt.Sprintf("%s is not UTF-8", text.Quote(line))
		}
		if reason != "" {
			ps.Add(lineProblem(competition.VocabFile, at, reason))
		}
		return true
	})
	if err == nil && k.report.Vocab == 0 {
		ps.Add(&Problem{File: competition.VocabFile, Reason: "no words"})
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	k.note(&ps)
	return nil
}

// recordPos is the position of a video: in which file, as which record.
type recordPos struct {
	id, offset   int64
	file, number int32
}

func (p recordPos) entry() tfrecord.Entry {
	return tfrecord.Entry{Number: int(p.number), Offset: p.offset}
}

// part checks the records and the label file of a part, if there are any.
func (k *checker) part(part string) error {
	var ids map[int64]recordPos
	if len(k.c.files.parts[part]) > 0 {
		files, err := k.open(part)
		if err != nil {
			return err
		}
		for _, f := range files {
			defer f.Close()
		}
		ids = k.records(part, files)
	}
	return k.labels(part, ids)
}

// open opens the record files of a part and notes those that are missing, empty among others, or cannot be decompressed.
func (k *checker) open(part string) (files []recordFile, err error) {
	var ps fault.List
	for _, name := range k.c.files.missing {
		if path.Dir(name) == part {
			ps.Add(&Problem{File: name, Reason: "is missing, as the names of the other shards say"})
		}
	}
	names := k.c.files.parts[part]
	for _, name := range names {
		opened, err := openFiles([]string{filepath.Join(k.c.dir, name)})
		var packed *tfrecord.GzipError
		if errors.As(err, &packed) {
			ps.Add(fault.OfFraming(filepath.ToSlash(name), err))
			continue
		}
		if err != nil {
			return nil, err
		}
		opened[0].name = filepath.ToSlash(name)
		if opened[0].Size() == 0 && len(names) > 1 {
			ps.Add(&Problem{File: opened[0].name, Reason: "has no records" + filetype.Hint(nil)})
		}
		files = append(files, opened[0])
	}
	k.note(&ps)
	return files, nil
}

// records checks all records of a part and gives the first position of every id.
func (k *checker) records(part string, files []recordFile) map[int64]recordPos {
	stats, positions, found := make([]*recordStats, len(files)), make([][]recordPos, len(files)), make([]fault.List, len(files))
	eachFile(files, func(i int) {
		stats[i] = newRecordStats()
		scanFile(files[i], k.report.FrameDim, func(r tfrecord.Record, v schema.View) bool {
			stats[i].add(v, k.listed)
			stats[i].frames(files[i].name, r.Entry, v)
			positions[i] = append(positions[i], recordPos{id: v.ID, offset: r.Offset, file: int32(i), number: int32(r.Number)})
			return true
		}, found[i].Add)
	})
	all, ids := newRecordStats(), map[int64]recordPos{}
	for i := range files {
		all.merge(stats[i])
		all.report.Bytes += files[i].Size()
		for _, p := range positions[i] {
			if first, ok := ids[p.id]; ok {
				found[i].Add(repeated(p.id, files[i].name, p.entry(), files[first.file].name, first.entry()))
			} else {
				ids[p.id] = p
			}
		}
		if i == len(files)-1 && all.report.Records == 0 && found[i].Count == 0 && (files[i].Size() > 0 || len(files) == 1) {
			found[i].Add(&Problem{File: files[0].name, Reason: "no records"})
		}
		k.note(&found[i])
	}
	all.report.Files = len(files)
	k.report.Parts[part] = all.finish()
	return ids
}

// labels checks the label file of a part, if there is one, against the ids of its records.
func (k *checker) labels(part string, ids map[int64]recordPos) error {
	name := part + "/label.tsv"
	var ps fault.List
	var pairs []Pair
	count, unknownIDs := 0, 0
	err := scanPairs(filepath.Join(k.c.dir, part, competition.LabelFile), name, func(p Pair, at lines.Position) {
		count++
		if reason := unknown(p, len(ids), func(id int64) bool { _, ok := ids[id]; return ok }); reason != "" {
			unknownIDs++
			ps.Add(lineProblem(name, at, reason))
			return
		}
		pairs = append(pairs, p)
	}, ps.Add)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if count == 0 && ps.Count == 0 {
		ps.Add(&Problem{File: name, Reason: "no pairs"})
	}
	if k.report.Parts[part] == nil {
		k.report.Parts[part] = &PartReport{}
	}
	p := pairStats(pairs)
	p.UnknownIDs = unknownIDs
	k.report.Parts[part].Pairs = p
	k.note(&ps)
	return nil
}
