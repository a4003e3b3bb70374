// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/lines"
	"vsim/vsimlib/text"
)

// Corpus is a folder in the competition's layout. Its methods are safe for concurrent use.
type Corpus struct {
	// Watch, where it is set before the first part is asked for, is called with how far the reading of a part is.
	Watch Watch
	// Skip, where it is set before the first part is asked for, makes bad records be passed over.
	Skip *Skip

	dir   string
	files *listing

	mu       sync.Mutex
	sets     map[string]*Set
	frameDim int            // -1: not looked for yet
	pairs    map[string]int // that Pairs left out, by part
}

// Open finds the parts of the corpus in dir; nothing is read yet. A folder without any record is an error.
func Open(dir string) (*Corpus, error) {
	c, err := openAny(dir)
	if err == nil {
		err = checkListed(c.dir)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// openAny is Open of whatever the folder has.
func openAny(dir string) (*Corpus, error) {
	dir = filepath.Clean(dir)
	if info, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("corpus: %s: no such folder", dir)
	} else if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("corpus: %s: not a folder; a corpus is a folder with pointwise/, pairwise/ …", dir)
	}
	files, err := list(dir)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	c := &Corpus{dir: dir, files: files, sets: map[string]*Set{}, pairs: map[string]int{}, frameDim: -1}
	count := 0
	for _, names := range files.parts {
		count += len(names)
	}
	switch {
	case count == 0 && len(files.notRead) > 0:
		return nil, fmt.Errorf("corpus: %s: no records: none of the folders %s has a record file (%s); not read: %s", dir,
			strings.Join(competition.Parts(), ", "), recordNames, some(files.notRead))
	case count == 0:
		return nil, fmt.Errorf("corpus: %s: no records: none of the folders %s has a record file (%s)", dir,
			strings.Join(competition.Parts(), ", "), recordNames)
	case count == len(files.empty):
		return nil, fmt.Errorf("corpus: %s: empty: all %d record files have 0 bytes", dir, count)
	}
	return c, nil
}

// Dir is the corpus's folder.
func (c *Corpus) Dir() string { return c.dir }

// Parts are the names of the parts that are there, of pointwise, pairwise, test_a and test_b, in this order.
func (c *Corpus) Parts() []string {
	var names []string
	for _, name := range competition.Parts() {
		if len(c.files.parts[name]) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// Part indexes a part: every record is read and checked, unless that was done before and the files are still the same. The second
// call gives the same Set. Every frame must have the corpus's width.
func (c *Corpus) Part(name string) (*Set, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.sets[name]; ok {
		return s, nil
	}
	if len(c.files.parts[name]) == 0 {
		return nil, fmt.Errorf("corpus: %s: the part %q is missing; the corpus has %s", c.dir, name, strings.Join(c.Parts(), ", "))
	}
	dim, err := c.width()
	if err != nil {
		return nil, err
	}
	files, err := c.open(name)
	if err != nil {
		return nil, err
	}
	s, err := index(files, dim, c.Watch, c.Skip)
	if err != nil {
		return nil, err
	}
	c.sets[name] = s
	return s, nil
}

// open opens the record files of a part.
func (c *Corpus) open(part string) ([]recordFile, error) { return openFiles(c.Files(part)) }

// FrameDim is the number of float16 in a frame: the width of the first frame found in the parts' order. A corpus without any frame
// is an error.
func (c *Corpus) FrameDim() (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	dim, err := c.width()
	if err == nil && dim == 0 {
		err = fmt.Errorf("corpus: %s: no video has a frame, so the width of frames is unknown", c.dir)
	}
	return dim, err
}

// width is FrameDim with 0 for a corpus without frames; c.mu is held.
func (c *Corpus) width() (int, error) {
	if c.frameDim >= 0 {
		return c.frameDim, nil
	}
	for _, name := range c.Parts() {
		dim, err := firstWidthOf(c.Files(name))
		if err != nil {
			return 0, err
		}
		if dim > 0 {
			c.frameDim = dim
			return dim, nil
		}
	}
	c.frameDim = 0
	return 0, nil
}

// Tags are the ids of tag_list.txt in ascending order, the order of the competition's label binarizer: the index is the class.
func (c *Corpus) Tags() ([]int64, error) {
	path := filepath.Join(c.dir, competition.TagListFile)
	var tags []int64
	var first *Problem
	err := scanTags(path, path, func(tag int64) { tags = append(tags, tag) }, func(p *Problem) bool {
		first = p
		return false
	})
	if err != nil {
		return nil, err
	}
	if first != nil {
		return nil, first
	}
	if len(tags) == 0 {
		return nil, &Problem{File: path, Reason: "no tags"}
	}
	slices.Sort(tags)
	return tags, nil
}

// scanTags hands each tag of a tag list (the first of the TAB-separated columns) to good, each bad line to bad, which returns false
// to stop.
func scanTags(path, name string, good func(int64), bad func(*Problem) bool) error {
	seen := map[int64]int{} // the line of each tag
	return scanLines(path, name, func(line []byte, at lines.Position, reason string) bool {
		field, _, _ := strings.Cut(string(line), "\t")
		tag, err := strconv.ParseInt(field, 10, 64)
		if reason == "" && err != nil {
			reason = fmt.Sprintf("tag %s is not an int64", text.Quote([]byte(field)))
		}
		if first, ok := seen[tag]; reason == "" && ok {
			reason = fmt.Sprintf("tag %d is on line %d already", tag, first)
		}
		if reason != "" {
			return bad(lineProblem(name, at, reason))
		}
		seen[tag] = at.Number
		good(tag)
		return true
	})
}

// Pairs reads the label file of a part; every id must be one of the part's records, but for those of records that are skipped.
func (c *Corpus) Pairs(part string) ([]Pair, error) {
	s, err := c.Part(part)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(c.dir, part, competition.LabelFile)
	pairs, at, err := readPairs(path, path)
	if err != nil {
		return nil, err
	}
	kept, err := c.pairsOf(s, path, pairs, func(i int) *Problem { return lineProblem(path, at[i], "") })
	if err == nil {
		c.mu.Lock()
		c.pairs[part] = len(pairs) - len(kept)
		c.mu.Unlock()
	}
	return kept, err
}

// unknown says which id of a pair is not among those of the part's records, "" if both are.
func unknown(p Pair, videos int, known func(id int64) bool) string {
	for _, id := range []int64{p.A, p.B} {
		if !known(id) {
			return fmt.Sprintf("id %d is not among the %d videos of this part's records", id, videos)
		}
	}
	return ""
}

// VocabPath is the path of the corpus's vocab.txt, "" if it has none. It may be no regular file, which its reader refuses.
func (c *Corpus) VocabPath() string {
	path := filepath.Join(c.dir, competition.VocabFile)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
